"""How every rule is applied: whom it binds, with what force, and from when."""
