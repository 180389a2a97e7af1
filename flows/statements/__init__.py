"""Accepting statements: a signature is made or checked, kept in the record, and applied once; keys in files."""
