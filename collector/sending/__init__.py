"""What programs send their spans with."""
