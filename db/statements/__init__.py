"""The record of signed acts in the database, and the links with which officers enrol devices."""
