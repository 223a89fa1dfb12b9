"""Tools: who meets those a client brings, and those that run on this side."""

from composite_llm.tools.registry import register_tool, unregister_tool

__all__ = ["register_tool", "unregister_tool"]
