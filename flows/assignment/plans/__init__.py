"""Plans as objects: posed as problems, solved, drafted, explained, pictured, and compared with the cases."""
