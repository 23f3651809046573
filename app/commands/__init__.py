"""What can be typed after `graduated`: one file to each command or group of commands."""
