"""Credentials after and around issuance: keys, life, prints, publication, verification."""
