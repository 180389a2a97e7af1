"""What issuance publishes: lists for stations, the public register, and the log with its checkpoints."""
