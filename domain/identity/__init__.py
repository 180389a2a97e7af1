"""Who somebody is by their papers: travel documents, names as printed, photographs, telephone and mail."""
