"""All mapped rows, one module a subject. Values that are personal are of the types in `db/tables/encryption.py`."""
