"""Keeps spans and answers questions about them.

One process, the collector, owns the DuckDB file: programs send it OTLP, everybody asks it over HTTP.
"""
