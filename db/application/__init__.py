"""Applications with their events, the people they are about, and what was found."""
