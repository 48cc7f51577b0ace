"""The numbers that Longshort reports, and how to get them again."""
