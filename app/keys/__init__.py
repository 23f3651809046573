"""Keys and what is done with them: signatures and their strict reading, and sealing at rest."""
