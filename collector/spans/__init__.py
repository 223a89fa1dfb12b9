"""OTLP spans as rows, and rows as OTLP again."""
