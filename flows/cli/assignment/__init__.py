"""Commands about plans, places and the planner without a database."""
