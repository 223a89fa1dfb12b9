"""LiteLLM's proxy with composite models behind it: its config, what that names, and what starts it."""
