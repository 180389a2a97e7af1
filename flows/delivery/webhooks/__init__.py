"""Webhooks: other systems are told of events, signed, again and again until they took them."""
