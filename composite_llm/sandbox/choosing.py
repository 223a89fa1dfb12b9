"""Sandboxes by their names, as profiles and requests write them."""

from composite_llm.errors import BadRequest
from composite_llm.sandbox.fallback import AutoSandbox
from composite_llm.sandbox.interface import Sandbox
from composite_llm.sandbox.locked import LockedSandbox
from composite_llm.sandbox.monty import MontySandbox
from composite_llm.sandbox.unsafe_local import UnsafeLocalSandbox

SANDBOXES: dict[str, type[Sandbox]] = {
    box.name: box for box in (AutoSandbox, MontySandbox, LockedSandbox, UnsafeLocalSandbox)
}


def sandbox_named(name: str) -> Sandbox:
    """BadRequest for a name nobody knows."""
    if name not in SANDBOXES:
        raise BadRequest(f"There is no sandbox {name!r}. Write one of {', '.join(SANDBOXES)}.")
    return SANDBOXES[name]()
