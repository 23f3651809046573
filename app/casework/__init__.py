"""Everything that writes a record: steps, and what stands around them; each write is one transaction."""
