"""Papers about decisions: the annex of a session's resolution."""
