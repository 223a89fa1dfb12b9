"""What other instrumentations call the same things."""
