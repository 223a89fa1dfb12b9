"""An answer in the terminal while it is written, and beside it what goes on before and behind it."""

from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.text import Text

from cli.screen import console, printable


def print_as_it_comes(stream: Iterable[Any]) -> Any:
    """Words to the output, thoughts and progress beside it. Returns the last chunk, which has the receipt."""
    words, thoughts = console(), console(stderr=True)
    chunk: Any = None
    for chunk in stream:
        delta = chunk.choices[0].delta
        _print(thoughts, getattr(delta, "reasoning_content", None), "dim")
        _print(words, delta.content)
    words.print()
    return chunk


def _print(screen: Console, text: str | None, style: str = "") -> None:
    if text:
        screen.print(Text(printable(text), style=style), end="", soft_wrap=True)
        screen.file.flush()
