"""The evidence bundle: frozen, written in parts, handed over, and checked by anybody."""
