"""Requests that a reader runs from a page, each in a process of its own."""
