"""What local authorities ask for; never law, and nothing is refused for want of it."""
