"""Prefect's server: started and ended, closed by a gate, and watched for services that fail."""
