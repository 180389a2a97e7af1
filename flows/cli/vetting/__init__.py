"""Commands about screening and reference lists."""
