"""The stage *assignment*: plans are drafted, explained, adopted, and told to offices."""
