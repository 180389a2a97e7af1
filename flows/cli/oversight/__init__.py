"""Commands about erasure and the audit."""
