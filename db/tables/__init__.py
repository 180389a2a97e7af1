"""All mapped rows, one module a subject. Personal fields live in `person`, `letter` and `returned_row` only."""
