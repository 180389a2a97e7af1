"""Commands about the installation itself: the doctor, backups and restores."""
