"""Commands about travel documents."""
