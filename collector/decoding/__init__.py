"""From the bytes of a request to rows: in this process, or under load in one beside it."""
