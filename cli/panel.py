"""Which models answer when the person at the terminal names none, or has no key for them."""

import os
from collections.abc import Iterable, Sequence
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


class KeysMissing(Exception):
    """Some of the named models have a key and some have not."""


@dataclass(frozen=True, slots=True)
class Panel:
    base_model: str
    members: Sequence[str]
    notice: str = ""
    """What to say when the choice is not the caller's own."""


def choose_panel(model: str | None, members: Sequence[str]) -> Panel:
    """The named models, filled up from the providers there is a key for; simulated when there is no key for any."""
    owned = [candidate for key, candidate in BY_KEY.items() if os.environ.get(key)]
    if not (model or members or owned):
        return Panel(SIMULATED_BASE, SIMULATED, _notice(list(BY_KEY)))
    base_model = model or (owned or [_model_of(members[0])])[0]
    chosen = members or (owned if len(owned) > 1 else [f"{base_model} × 3"])
    missing = {name: _missing_keys(_model_of(name)) for name in (base_model, *chosen)}
    without = [name for name, keys in missing.items() if keys]
    keys = sorted({key for keys in missing.values() for key in keys})
    if not without:
        return Panel(base_model, chosen)
    if len(without) < len([name for name in missing if not name.startswith(PREFIX)]):
        raise KeysMissing(f"No API key for {', '.join(without)}: set {', '.join(keys)}.")
    return Panel(_simulated(base_model), [_simulated(name) for name in chosen], _notice(keys))


def simulation_needed(models: Iterable[str]) -> str:
    """For models that are named already, by a profile: what to say if the simulator has to stand in for them all;
    empty where there is a key for each, or none is needed. Raises KeysMissing where only some have theirs."""
    asked = {model for model in models if not model.startswith(PREFIX)}
    missing = {model: keys for model in sorted(asked) if (keys := _missing_keys(model))}
    keys = sorted({key for each in missing.values() for key in each})
    if len(missing) < len(asked) and missing:
        raise KeysMissing(f"No API key for {', '.join(missing)}: set {', '.join(keys)}.")
    return _notice(keys) if missing else ""


def _notice(keys: Sequence[str]) -> str:
    return (
        "No API key found, so the offline simulator answers: no model is asked and nothing is billed. "
        f"To ask real models, set {' or '.join(keys)}."
    )


def _model_of(member: str) -> str:
    """`openai/gpt-4o` of `openai/gpt-4o × 3`."""
    return member.split()[0]


def _missing_keys(model: str) -> list[str]:
    from composite_llm.engine.failures import missing_keys

    return [] if model.startswith(PREFIX) else missing_keys(model)


def _simulated(member: str) -> str:
    return member if member.startswith(PREFIX) else PREFIX + member
