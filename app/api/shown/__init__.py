"""Shapes that several routes share."""
