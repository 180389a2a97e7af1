"""What is watched over: numbers of an election, chains of hashes, digests, reminders, erasure."""
