"""The credential: a signed statement about one observer that a polling station checks with no network.

Format OAC1: the text ``OAC1:`` and the base45 (RFC 9285) of a COSE_Sign1 message (RFC 9052) that carries a
CBOR Web Token (RFC 8392). Everything here computes on bytes and values given to it; files and keys on disk
belong to ``flows.issuance.signing.keys``.
"""
