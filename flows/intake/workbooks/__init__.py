"""Workbooks for organisations: the form to fill in, the report on a file, the rows to mend."""
