"""Where code that a model writes is run: it reaches the functions it is given, and nothing else."""

from composite_llm.sandbox.interface import (
    CellError,
    CellResult,
    HostFunction,
    Limits,
    Sandbox,
    SandboxUnavailable,
    Session,
    ToldToCode,
)

__all__ = [
    "CellError",
    "CellResult",
    "HostFunction",
    "Limits",
    "Sandbox",
    "SandboxUnavailable",
    "Session",
    "ToldToCode",
]
