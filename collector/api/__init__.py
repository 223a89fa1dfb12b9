"""The JSON API: one resource a file, and `application.py` puts them together."""
