"""What the project claims about speed, measured by anyone with `make bench`."""
