"""Regional assignment: a provably best plan that explains itself and barely moves when things change."""
