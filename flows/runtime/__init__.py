"""Everything about Prefect: the server, chunks of work, reports, limits, and the shield before exceptions."""
