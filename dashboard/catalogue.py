"""All modes, as `python -m composite_llm.planning` tells them. Costs are in US dollars.

That command runs in a process of its own: it imports LiteLLM for its prices and providers, which takes seconds and
hundreds of megabytes, and what a profile makes it do cannot reach this server.
"""

from collections.abc import Mapping

from pydantic import TypeAdapter

from composite_llm.planning.told import Catalogue

KINDS: Mapping[str, str] = {
    "own": "your profile",
    "bundled": "bundled profile",
    "strategy": "strategy",
    "broken": "cannot be used",
    "gone": "not here any more",
}


_read = TypeAdapter(Catalogue)


def read(told: bytes) -> Catalogue:
    """ValueError where it is something else."""
    return _read.validate_json(told)
