"""What lies beside the database: files, each encrypted under a key of its own, and the keys of people."""
