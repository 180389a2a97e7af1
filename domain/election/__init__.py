"""The rules of one election: its profile, deadlines, geography, policies and pledge."""
