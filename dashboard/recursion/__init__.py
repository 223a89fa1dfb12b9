"""What the recursion of a run comes to: its tree, its limits, its context. Nothing here draws."""
