"""Batches that could not be delivered, and how they come in later."""
