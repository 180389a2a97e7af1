"""The log: one Merkle tree over everything that was recorded, in formats that others' tools read.

Tree and proofs are those of RFC 6962; checkpoints are signed notes and the files are tiles, as C2SP specifies them
(c2sp.org/tlog-checkpoint, c2sp.org/signed-note, c2sp.org/tlog-tiles). Whoever keeps one checkpoint finds out when an
entry is changed, removed or moved afterwards.
"""
