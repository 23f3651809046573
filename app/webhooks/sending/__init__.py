"""One signed request to an address that is not trusted."""
