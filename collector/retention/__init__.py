"""How long and how much is kept."""
