"""Commands about credentials, print jobs and signing keys."""
