"""A whole record set out for reading, section by section."""
