"""Spans in one DuckDB file, owned by this process while it is open."""
