"""An office's list of people, the summary of a region, and pictures of a plan."""
