"""Which kind of step a mapping is: the one key among `KINDS` says so."""

from difflib import get_close_matches
from typing import Any

KINDS = (
    "base_call",
    "fanout",
    "synthesize",
    "think",
    "vote",
    "score",
    "reflect",
    "tool",
    "loop_until",
    "if",
    "mode",
)


def kind_of(step: Any) -> str | None:
    """None where no key, or more than one, says what it is."""
    if not isinstance(step, dict):
        return getattr(step, "kind", None)
    found = [kind for kind in KINDS if kind in step]
    return found[0] if len(found) == 1 else None


def checked_kind(step: Any) -> Any:
    """The step as it came; ValueError where its kind cannot be told."""
    if kind_of(step) is not None:
        return step
    if not isinstance(step, dict):
        raise ValueError(  # noqa: TRY004 - pydantic takes no other for a finding
            "a step is a mapping with a key that says what it does, such as `synthesize: proposals`"
        )
    found = [kind for kind in KINDS if kind in step]
    if len(found) > 1:
        raise ValueError(f"a step is one of {' and '.join(found)}, not several; make a step of each")
    near = [close[0] for key in step if (close := get_close_matches(str(key), KINDS, n=1, cutoff=0.7))]
    hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(KINDS)}"
    raise ValueError(f"none of its keys ({', '.join(map(str, step)) or 'none'}) is a kind of step; {hint}")
