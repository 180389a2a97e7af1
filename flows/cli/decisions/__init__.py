"""Commands of officers: the queue, cases, decisions, sessions, other authorities."""
