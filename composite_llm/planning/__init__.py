"""What a composite will do before it does it: its calls, what they may cost, and how it looks drawn."""

from composite_llm.planning.estimate import TYPICAL, Estimate, estimate
from composite_llm.planning.planned import Plan, Planned, Size

__all__ = ["TYPICAL", "Estimate", "Plan", "Planned", "Size", "estimate"]
