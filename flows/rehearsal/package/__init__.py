"""The package of an invented election: its people, files and pictures, and the truth about each row."""
