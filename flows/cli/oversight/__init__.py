"""Commands about erasure."""
