"""What several strategies share, and what would make a strategy's own file too long."""
