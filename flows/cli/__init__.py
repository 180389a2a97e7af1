"""The command `accredit`: options, tables and exit codes. It holds no rule, and nothing imports it."""
