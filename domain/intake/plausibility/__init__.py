"""Values that cannot be: numbers, names, codes, days and addresses that are asked about, by rules in one table."""
