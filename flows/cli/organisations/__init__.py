"""Commands about nominating organisations."""
