"""The Individual Support Plans proposed in February 2026: reserved, and enforced by nobody."""
