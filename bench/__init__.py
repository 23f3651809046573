"""What the service costs beside a floor that does as little as can be done, measured in one run on one machine."""
