"""What a model has reason to write, runs."""

import pytest

from composite_llm.sandbox.choosing import sandbox_named
from tests.composite_llm.sandbox.cells import CONTEXT, FUNCTIONS, LEGITIMATE
from tests.composite_llm.sandbox.conftest import NEEDS_LOCKS, PATIENT

NOT_IN_MONTY = {
    "a compiled pattern",
    "a generator",
    "a subclass",
    "csv",
    "del",
    "difflib",
    "heapq",
    "re.sub by a function",
    "statistics",
    "textwrap",
}
"""Where pydantic-monty 1.4 knows less than CPython. A version that knows more shortens this list."""


def test_there_are_enough():
    assert len({cell.name for cell in LEGITIMATE}) == len(LEGITIMATE) >= 40
    assert len(CONTEXT) == 1_000_000


async def run_all(backend):
    """All in one session, where they leave each other alone: name and result."""
    async with await sandbox_named(backend).open(PATIENT, FUNCTIONS) as session:
        await session.set_var("context", CONTEXT)
        return {cell.name: await session.run(cell.code) for cell in LEGITIMATE}


async def test_monty_runs_most_and_says_where_it_does_not():
    results = await run_all("monty")

    assert {name for name, result in results.items() if result.error} == NOT_IN_MONTY
    assert {name: result.stdout for name, result in results.items()} == {
        cell.name: "" if cell.name in NOT_IN_MONTY else cell.prints for cell in LEGITIMATE
    }


@pytest.mark.parametrize(
    ("backend", "first"),
    [pytest.param("locked", "locked", marks=NEEDS_LOCKS), pytest.param("auto", "monty", marks=NEEDS_LOCKS)],
)
async def test_all_run_where_there_is_a_locked_process(backend, first):
    results = await run_all(backend)

    assert {name: str(result.error) for name, result in results.items() if result.error} == {}
    assert {name: result.stdout for name, result in results.items()} == {
        cell.name: cell.prints for cell in LEGITIMATE
    }
    ran_by = [result.backend for result in results.values()]
    assert [ran_by[0], ran_by[-1]] == [first, "locked"]
