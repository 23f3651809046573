"""Duties of the Equality Act 2010 that touch on special educational needs, in the order of the Act."""
