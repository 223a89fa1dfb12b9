"""What the runs of a mode come to, and what sets two modes apart. Nothing here draws."""
