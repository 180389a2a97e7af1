"""Screening: comparing people with reference lists and with each other. It finds and explains; it never refuses."""
