"""Officers' statements: the keys and codes by which an act is proved to be an officer's own."""
