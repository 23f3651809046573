"""What is owed, from the gate to the record of what came of it."""
