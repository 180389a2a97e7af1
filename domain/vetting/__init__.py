"""The checks of one application, each with the finding that it makes. A finding never refuses anybody."""
