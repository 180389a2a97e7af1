"""Pages that leave the house as files: they need no server, and a phone or a USB stick carries them."""
