"""Reference lists, resemblances that screening found, and pairs that officers cleared."""
