"""What is said: the catalogue of events, their bodies, and the words of notices."""
