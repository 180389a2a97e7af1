"""The badge: what an observer wears, with the credential printed as a code that can be checked offline."""
