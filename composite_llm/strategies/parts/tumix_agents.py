"""The agents of TUMIX: one model told to work in different ways, with different tools (arXiv 2510.01279).

Our own wording of the paper's kinds: plain, step by step, code, search, both, and guided ones that first choose
their means; the paper has three of each kind with search, one a search engine.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from composite_llm.strategies.parts.python_tool import PYTHON

Preset = Literal["lite", "full"]

PLAIN = ""
STEPS = "Work it out step by step, and check each step before you take the next."
STEPS_THEN_CODE = (
    "Work it out step by step in words first. Then write a short Python program that comes to the answer "
    "another way, run it with your tool, and settle any difference."
)
CODE = "Solve it by writing Python and running it with your tool. Print what you need, read it, and go on."
CODE_WITH_CARE = (
    CODE
    + " Consider libraries for algebra, search over all cases, and simulation; test the program on a small "
    "case whose answer you know before you trust it."
)
SEARCH = "Look up what you do not know for certain with your search tool, and say what you found where."
BOTH = (
    "Use your search tool for facts and your Python tool for whatever can be computed, as often as you need; "
    "prefer what you looked up or computed to what you remember."
)
GUIDED = "First decide which means fits this best: words, code or search, and say why in a sentence. Then work with it."
GUIDED_TWICE = (
    GUIDED + " When you have an answer, check it by another means than the one that found it, and settle any "
    "difference."
)
THINKER = (
    "Use your scratchpad to list what is asked, what is given and what could go wrong, before you answer and again "
    "after."
)


class Agent(BaseModel):
    """One way to work on the question. What it leaves out is the strategy's."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(min_length=1, max_length=64)]
    prompt: str = PLAIN
    tools: Sequence[str] = ()
    """Tools registered here: `python` and `think` come with the package, `search` is yours to register."""
    model: str | None = None
    """None: the base model, as in the paper."""
    temperature: Annotated[FiniteFloat, Field(ge=0, le=2)] | None = None


LITE = (
    Agent(name="plain"),
    Agent(name="steps", prompt=STEPS),
    Agent(name="thinker", prompt=THINKER, tools=("think",)),
    Agent(name="code", prompt=CODE, tools=(PYTHON,)),
    Agent(name="steps_then_code", prompt=STEPS_THEN_CODE, tools=(PYTHON,)),
)
"""Five that need no search."""


def preset(name: Preset, search: Sequence[str]) -> Sequence[Agent]:
    """`search`: the registered search tools; where there are fewer than three, several agents share one."""
    if name == "lite":
        return LITE
    engines = [search[number % len(search)] for number in range(3)]
    return (
        Agent(name="plain"),
        Agent(name="steps", prompt=STEPS),
        Agent(name="steps_then_code", prompt=STEPS_THEN_CODE, tools=(PYTHON,)),
        Agent(name="search", prompt=SEARCH, tools=(engines[0],)),
        Agent(name="code", prompt=CODE, tools=(PYTHON,)),
        Agent(name="code_with_care", prompt=CODE_WITH_CARE, tools=(PYTHON,)),
        *_with_each("both", BOTH, engines),
        *_with_each("guided", GUIDED, engines),
        *_with_each("guided_twice", GUIDED_TWICE, engines),
    )


def _with_each(name: str, prompt: str, engines: Sequence[str]) -> list[Agent]:
    return [
        Agent(name=f"{name}_{number}", prompt=prompt, tools=(PYTHON, engine))
        for number, engine in enumerate(engines, start=1)
    ]


def named(agents: Any) -> Any:
    """Agents with two alike names cannot be told apart in what a run says of them."""
    names = [agent.name for agent in agents] if isinstance(agents, list) else []
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"two agents are called {name!r}; give each a name of its own")
    return agents
