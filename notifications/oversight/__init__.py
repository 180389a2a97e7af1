"""Papers for people who ask what is held about them."""
