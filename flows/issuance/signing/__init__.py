"""Signing: the key folder, who may sign which badge on which proof, and the process that alone has the keys."""
