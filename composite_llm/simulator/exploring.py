"""What a simulated model does where it is given a REPL with a long text in it: it looks, asks about parts, and ends."""

import re
from collections.abc import Sequence

from composite_llm.simulator.request import Message

_GIVEN = "opens with ```repl"
_TURN = re.compile(r"\bTurn (\d+)/\d+\.")
_OVER = "No more code can be run"


def code_to_run(messages: Sequence[Message]) -> str | None:
    """The next turn, with its code; None where no REPL is given, or no more code can be run."""
    last, system = messages[-1].content, messages[0].content
    turns = _TURN.findall(last)
    if _GIVEN not in system or not turns or _OVER in last:
        return None
    if turns[-1] == "1":
        return _turn("First a look at the text.", "print(len(context))", "print(peek(0, 300))")
    if turns[-1] == "2" and "llm_query_batched" in system:
        return _turn(
            "Now each quarter of it is asked about.",
            f"asked = {_question(messages)!r}",
            "parts = chunks(len(context) // 4 + 1)",
            "found = llm_query_batched([f'{part}\\n\\nQuestion: {asked}' for part in parts])",
            "print([len(each) for each in found])",
        )
    return _turn(
        "That is enough for an answer.",
        "answer['content'] = found[0] if 'found' in SHOW_VARS() else peek(0, 300)",
        "answer['ready'] = True",
    )


def _question(messages: Sequence[Message]) -> str:
    told = next((message.content for message in messages if message.role == "user"), "")
    return told.partition("Question:\n")[2].partition("\n\n`context` has")[0]


def _turn(words: str, *lines: str) -> str:
    return "\n".join([words, "```repl", *lines, "```"])
