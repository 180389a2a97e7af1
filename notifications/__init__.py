"""All that leaves the house: letters, badges, lists of people, public pages, and the mail that carries them."""
