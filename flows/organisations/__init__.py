"""The admission of nominating organisations, before their nominees."""
