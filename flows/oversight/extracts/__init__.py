"""Extracts: tables for other systems, each with its purpose on record; personal columns for an officer who signs."""
