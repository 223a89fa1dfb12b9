"""What calls use and cost, what they may, and what the client is told of it."""
