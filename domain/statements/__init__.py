"""Officers' acts as documents, and who may sign what: checked with public keys alone, without a database."""
