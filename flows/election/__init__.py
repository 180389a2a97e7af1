"""The documents that an election is made of, and its state."""
