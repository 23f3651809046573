"""The story of an invented school, told by running the service; and the roll it begins with."""
