"""The suite's cells, as they stand in `legitimate.txt` and `attacks.txt`, and what they know.

`=== name` begins one, `--- prints` what it prints. Attacks print PWNED when they have got what they wanted; `[words]`
behind a name say what is to be known of one: `unlocked`, that it works where nothing is locked; `next`, that what it
wants shows in the next cell; `burns`, that it ends by a limit alone.
"""

import re
from pathlib import Path
from typing import NamedTuple

from composite_llm.sandbox import ToldToCode

HERE = Path(__file__).parent
LINES = 20_000
SECRET = "sk-canary-5f1d"
"""Stands in a file and in the environment of the program, where no code may find it."""


class Cell(NamedTuple):
    name: str
    code: str
    prints: str = ""
    words: frozenset[str] = frozenset()


def line(number):
    """`id=00007 user=u2 score=07 tag=delta .............` and a line break: 50 characters."""
    tag = ("alpha", "beta", "gamma", "delta")[number % 4]
    return f"id={number:05d} user=u{number % 5} score={number % 10:02d} tag={tag:<6}".ljust(49, ".") + "\n"


CONTEXT = "".join(map(line, range(LINES)))
"""A million characters."""


async def llm_query(prompt, model=None):
    if prompt == "fail":
        raise ToldToCode("the model is away")
    return f"echo: {prompt}"


async def llm_query_batched(prompts):
    return [await llm_query(prompt) for prompt in prompts]


FUNCTIONS = {"llm_query": llm_query, "llm_query_batched": llm_query_batched}


def read(file):
    cells = []
    for text in re.split(r"^=== ", (HERE / file).read_text(), flags=re.MULTILINE)[1:]:
        title, _, body = text.partition("\n")
        name, _, words = title.partition(" [")
        code, _, prints = body.partition("--- prints\n")
        cells.append(Cell(name, code, prints, frozenset(words.rstrip("]").split())))
    return cells


LEGITIMATE = read("legitimate.txt")
ATTACKS = read("attacks.txt")
