"""Fairness statistics: whether a group was refused more often, or waited longer, than others of the same week."""
