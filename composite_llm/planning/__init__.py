"""What a composite will do before it does it: its calls, what they may cost, and how it looks drawn."""
