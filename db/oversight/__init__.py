"""The journal of what must not change unseen, and the register of erasures."""
