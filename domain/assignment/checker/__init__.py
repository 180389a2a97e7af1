"""The checker of plans. It shares no code with the planner, so that one mistake cannot hide in both."""
