"""Chapter 6 of the Code of Practice on specialists, meetings and records, in its order."""
