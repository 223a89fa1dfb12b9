"""Spans on a ClickHouse server."""
