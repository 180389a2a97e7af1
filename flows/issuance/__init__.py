"""The stage *issuance*: credentials are signed, printed, replaced, ended and published.

The stage keeps its own word. What it makes is called a credential in the other packages.
"""
