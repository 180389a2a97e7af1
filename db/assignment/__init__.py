"""Deployment plans: drafts, the plan in force, and earlier ones."""
