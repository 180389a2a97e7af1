"""Reading people from tables: what the columns mean, what a row says of a person, and reference lists."""
