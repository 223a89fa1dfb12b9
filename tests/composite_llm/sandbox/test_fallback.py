"""A session moves to where its code can run, with all it knows, and nobody is asked twice."""

import pytest

from composite_llm.sandbox import ToldToCode
from composite_llm.sandbox.choosing import sandbox_named
from tests.composite_llm.sandbox.conftest import NEEDS_LOCKS, PATIENT

pytestmark = NEEDS_LOCKS


class Asked:
    """A host function that keeps count, and answers with how often it was asked."""

    def __init__(self):
        self.prompts = []

    async def llm_query(self, prompt):
        self.prompts.append(prompt)
        if prompt == "fail":
            raise ToldToCode("away")
        return f"{prompt} #{len(self.prompts)}"


@pytest.fixture
def asked():
    return Asked()


async def opened(asked, limits=PATIENT):
    return await sandbox_named("auto").open(limits, {"llm_query": asked.llm_query})


async def test_what_earlier_cells_made_is_there_after_the_move(asked):
    async with await opened(asked) as session:
        await session.set_var("context", "some text")
        await session.run("import json\ndef shout(t):\n    return t.upper()\nclass Box:\n    n = 3")
        await session.run("first = llm_query('one')\nnotes = {1, 2}\nnotes.add(3)")
        broken = await session.run("late = llm_query('two')\nundone = 1 / 0")
        moved = await session.run(
            "def pages():\n    yield shout(context)\nprint(*pages(), Box.n, first, late, notes)"
        )
        after = await session.run("print(json.dumps(first), llm_query('three'))")

    assert [broken.backend, moved.backend, after.backend] == ["monty", "locked", "locked"]
    assert moved.stdout == "SOME TEXT 3 one #1 two #2 {1, 2, 3}\n"
    assert after.stdout == '"one #1" three #3\n'
    assert asked.prompts == ["one", "two", "three"]
    assert moved.lost_vars == ()


async def test_a_cell_that_fails_after_it_asked_does_not_ask_again(asked):
    code = """
answers = [llm_query("a"), llm_query("a")]
try:
    llm_query("fail")
except RuntimeError as error:
    answers.append(str(error))
import statistics
answers.append(llm_query("b"))
print(answers, statistics.mean([1, 3]))
"""
    async with await opened(asked) as session:
        result = await session.run(code)

    assert result.stdout == "['a #1', 'a #2', 'away', 'b #4'] 2\n"
    assert asked.prompts == ["a", "a", "fail", "b"]
    assert result.host_calls == 4


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("print(nowhere)", "NameError: name 'nowhere' is not defined (line 1)"),
        ("import numpy", "ModuleNotFoundError: No module named 'numpy' (line 1)"),
        ("x = 1\n''.nothing", "AttributeError: 'str' object has no attribute 'nothing' (line 2)"),
        ("def f(:\n  pass", "SyntaxError: Expected a parameter or the end of the parameter list (line 1)"),
    ],
)
async def test_a_mistake_is_none_of_the_sandboxs(asked, code, error):
    async with await opened(asked) as session:
        result = await session.run(code)

        assert (str(result.error), result.backend, session.backend) == (error, "monty", "monty")


async def test_random_numbers_are_the_same_after_the_move(asked):
    async with await opened(asked) as session:
        await session.run("import random\ndrawn = random.sample(range(1000), 5)")
        before = await session.get_var("drawn")
        await session.run("import statistics")

        assert session.backend == "locked"
        assert await session.get_var("drawn") == before


async def test_a_replay_that_asks_otherwise_is_given_up(asked):
    """Sets of words have an order of their own in each interpreter, and so has what is asked of them."""
    code = "import sys\nllm_query(sys.version)"
    async with await opened(asked) as session:
        await session.run(code)
        result = await session.run("import statistics")

        assert str(result.error) == "ModuleNotFoundError: No module named 'statistics' (line 1)"
        assert session.backend == "monty"
        assert (await session.run("print(1)")).stdout == "1\n"
    assert len(asked.prompts) == 1


async def test_what_a_cell_bound_before_it_met_a_limit_is_said_to_be_lost(asked):
    async with await opened(asked) as session:
        await session.run("kept = 1")
        await session.run("gone = 2\nhoard = 'x' * 10**10")
        result = await session.run("import statistics")

    assert result.backend == "locked"
    assert result.lost_vars == ("gone",)
    assert "kept" in result.variables


async def test_a_host_functions_own_failure_ends_the_session_wherever_it_runs():
    async def llm_query(prompt):
        if prompt == "later":
            raise LookupError("the budget is used up")

    async with await sandbox_named("auto").open(PATIENT, {"llm_query": llm_query}) as session:
        with pytest.raises(LookupError, match="budget"):
            await session.run("import statistics\nllm_query('later')")
