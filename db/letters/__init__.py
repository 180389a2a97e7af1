"""The outbox and the history of each letter."""
