"""Which models answer when the person at the terminal names none, or has no key for them."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

PREFIX = "sim/"
SIMULATED = ("sim/openai/gpt-4o-mini", "sim/anthropic/claude-sonnet-4-5", "sim/gemini/gemini-2.5-flash")
SIMULATED_BASE = "sim/openai/gpt-4o"

BY_KEY = {
    "OPENAI_API_KEY": "openai/gpt-4o-mini",
    "ANTHROPIC_API_KEY": "anthropic/claude-haiku-4-5",
    "GEMINI_API_KEY": "gemini/gemini-2.5-flash",
}
"""One inexpensive model per provider whose key may be in the environment."""

NOTICE = (
    "No API key found, so the offline simulator answers: no model is asked and nothing is billed. "
    f"Set one of {', '.join(BY_KEY)} to ask real models."
)


@dataclass(frozen=True, slots=True)
class Panel:
    base_model: str
    members: Sequence[str]
    notice: str = ""
    """What to say when the choice is not the caller's own."""


def choose_panel(model: str | None, members: Sequence[str]) -> Panel:
    """The named models, filled up from the providers there is a key for; simulated when there is no key at all."""
    owned = [candidate for key, candidate in BY_KEY.items() if os.environ.get(key)]
    if not (model or members or owned):
        return Panel(SIMULATED_BASE, SIMULATED, NOTICE)
    base_model = model or (owned or [_model_of(members[0])])[0]
    chosen = members or (owned if len(owned) > 1 else [f"{base_model} × 3"])
    if any(_has_key(_model_of(name)) for name in (base_model, *chosen)):
        return Panel(base_model, chosen)
    return Panel(_simulated(base_model), [_simulated(name) for name in chosen], NOTICE)


def _model_of(member: str) -> str:
    """`openai/gpt-4o` of `openai/gpt-4o × 3`."""
    return member.split()[0]


def _has_key(model: str) -> bool:
    import litellm

    return model.startswith(PREFIX) or bool(litellm.validate_environment(model)["keys_in_environment"])


def _simulated(member: str) -> str:
    return member if member.startswith(PREFIX) else PREFIX + member
