"""The words of a notice in the forms in which people can read or hear them."""
