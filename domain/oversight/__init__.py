"""What may be erased, and when."""
