"""What every command prints through: text that cannot command the terminal, on terminals of any kind."""

import codecs
import json
import os
import shutil
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

WIDTH_OF_A_PIPE = 120
PLAIN = "composite_llm_plain"
IN_ASCII = {
    **dict(zip("█▌▐━╸╺─╴╶├└│┊–·×µ", "###===---|`|:-*xu", strict=True)),
    "≥": ">=",
    "…": "...",
    "→": "->",
}


def prepare() -> None:
    """Let no character that a pipe or an old code page cannot carry stop a command."""
    codecs.register_error(PLAIN, _plainer)
    for stream in (sys.stdout, sys.stderr):
        if (reconfigure := getattr(stream, "reconfigure", None)) is not None:
            reconfigure(errors=PLAIN)


def console(*, stderr: bool = False) -> "Console":
    """Without NO_COLOR, and on a terminal, in colours; never with any of rich's own readings of the text."""
    from rich.console import Console

    return Console(
        stderr=stderr,
        width=None if shutil.get_terminal_size((0, 0)).columns else WIDTH_OF_A_PIPE,
        color_system=None if os.environ.get("NO_COLOR") else "auto",
        highlight=False,
        markup=False,
        emoji=False,
    )


def printable(text: str) -> str:
    """`text` without the control characters by which a model could move the cursor or rename the window."""
    return "".join(character for character in text if character in "\n\t" or character.isprintable())


def say(sentence: str, style: str = "") -> None:
    """Beside the output, so that a pipe gets rows and a person the explanation."""
    from rich.text import Text

    if sentence:
        console(stderr=True).print(Text(printable(sentence), style=style))


def stop(sentence: str, code: int = 2) -> typer.Exit:
    """To be raised: 2 for a command that was given wrongly, 1 for one that could not be done."""
    say(sentence[:1].upper() + sentence[1:], "red")
    return typer.Exit(code)


def print_json(value: Mapping[str, Any]) -> None:
    """One line, in ASCII: safe for any terminal and any pipe."""
    print(json.dumps(value, default=str, allow_nan=False))


def print_csv(text: str) -> None:
    """As it is for a program; without control characters for a person."""
    sys.stdout.write(printable(text.replace("\r\n", "\n")) if sys.stdout.isatty() else text)


def _plainer(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    missing = error.object[error.start : error.end]
    return "".join(IN_ASCII.get(character, "?") for character in missing), error.end
