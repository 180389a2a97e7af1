"""The serial ledger, and the copies that were printed."""
