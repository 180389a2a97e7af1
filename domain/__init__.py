"""Rules and values of accreditation. Nothing here reads a file, a socket, a clock or the environment."""
