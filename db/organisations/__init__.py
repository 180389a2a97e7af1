"""Acts about nominating organisations, in a chain of hashes."""
