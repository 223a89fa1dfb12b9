"""Whether the figures can be trusted, and why not: what is asked for that, and what is concluded from it."""
