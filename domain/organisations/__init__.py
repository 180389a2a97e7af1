"""Nominating organisations: what they are, and how they are admitted, refused, suspended or withdrawn."""
