"""What runs a request: the primitives strategies are made of, and how each call gets its answer."""
