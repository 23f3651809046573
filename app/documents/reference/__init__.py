"""Pages about rules, states, profiles and erasure, written from the code."""
