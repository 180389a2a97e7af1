"""Teams of two, interpreters and sites: pairs are made inside the regions that the planner chose."""
