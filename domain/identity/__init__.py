"""Who somebody is by their papers: travel documents, names as printed, photographs and mail."""
