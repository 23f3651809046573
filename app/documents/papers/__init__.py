"""Papers that people hand in: looked into, read, measured and blacked out."""
