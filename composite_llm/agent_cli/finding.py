"""Which program stands behind `composer-cli/…`, and which names of models it may be handed."""

import os
import re
import shlex
import shutil

from composite_llm import settings
from composite_llm.errors import BadRequest

PROVIDER = "composer-cli"
PREFIX = f"{PROVIDER}/"

NAMES = ("cursor-agent", "agent")
"""Both are Cursor's. The clear one first: other programs are called `agent`, too."""

_MODEL = re.compile(r"[A-Za-z0-9][\w.:/+@=,\[\]-]{0,199}")
"""Such as `composer-2.5` and `claude-opus-4-8[effort=high]`; nothing that could be read as an option."""


def model_of(name: str) -> str:
    """`composer-2.5` of `composer-cli/composer-2.5`. Raises BadRequest for what is no model's name."""
    model = name.removeprefix(PREFIX)
    if not _MODEL.fullmatch(model):
        raise BadRequest(
            f"{name!r} names no model of an agent CLI. Write {PREFIX}<model>, such as {PREFIX}auto."
        )
    return model


def command() -> tuple[str, ...]:
    """The program's absolute path, and arguments of its own. Raises BadRequest where there is none to run."""
    configured = settings.load().agent_cli
    if not configured:
        found = next(filter(None, map(shutil.which, NAMES)), None)
        if found is None:
            raise BadRequest(
                f"No agent CLI was found: neither {' nor '.join(NAMES)} is on the PATH. Install Cursor's CLI, or "
                "set COMPOSITE_LLM_AGENT_CLI to where it is."
            )
        return (os.path.abspath(found),)
    try:
        first, *rest = shlex.split(configured)
    except ValueError as error:  # a quote that is not closed; nothing but blanks
        raise BadRequest(f"COMPOSITE_LLM_AGENT_CLI={configured!r} cannot be read: {error}.") from None
    found = shutil.which(os.path.expanduser(first))
    if found is None:
        raise BadRequest(
            f"COMPOSITE_LLM_AGENT_CLI={configured!r}: {first!r} is no program that can be run here."
        )
    return (os.path.abspath(found), *rest)


def command_for(provider: str) -> tuple[str, ...]:
    """Empty for providers that LiteLLM asks."""
    return command() if provider == PROVIDER else ()


def configured() -> bool:
    """Whether somebody has named the program, rather than that one lies on the PATH."""
    return bool(settings.load().agent_cli)
