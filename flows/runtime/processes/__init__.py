"""Processes of ours: how they start, speak to each other, and end with whoever started them."""
