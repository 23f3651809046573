"""The law of the graduated approach and the decisions taken under it, as pure functions on frozen values."""
