"""Commands that set up an installation and an election, and commands about policies."""
