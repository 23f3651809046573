"""Standards of the UPN, other identifiers and the Common Transfer File."""
