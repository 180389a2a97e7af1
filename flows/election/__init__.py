"""The documents an election is made of, and where it stands."""
