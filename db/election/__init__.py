"""Elections with their rules, policies and pledge texts."""
