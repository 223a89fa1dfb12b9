"""What a tool in a thread asks: on a loop of its own, and when the request it ran for is over."""

import asyncio
import contextvars
import threading
from concurrent.futures import ThreadPoolExecutor

import litellm
import pytest

import composite_llm
from composite_llm import conventions as c
from composite_llm.engine import loop_thread
from tests.streams import until

GPT, MINI = "sim/openai/gpt-4o", "sim/openai/gpt-4o-mini"
DIRECT = f"composite/direct/{GPT}"
ASKED = [{"role": "user", "content": "Ask, please."}]
TOOLS = [
    {"type": "function", "function": {"name": "ask", "parameters": {"type": "object", "properties": {}}}}
]


def ask_inside(**options):
    return litellm.completion(f"composite/direct/{MINI}", ASKED, **options)


def attempts(count, **options):
    """What becomes of so many requests, one after the other."""
    became = []
    for _ in range(count):
        try:
            became.append(composite_llm.receipt(ask_inside(**options)))
        except litellm.BadRequestError as error:
            became.append(error)
    return became


def requests_in(spans):
    """By how deep they stand."""
    found = [span for span in spans.get_finished_spans() if span.attributes[c.SPAN_TYPE] == c.REQUEST]
    return {span.attributes[c.DEPTH]: span for span in found}


async def test_the_budget_of_a_request_holds_for_what_its_tool_asks_on_another_loop(simulator, spans):
    """Four calls: two of the final model, which asks and then answers, and so two are left for four askings."""
    became, asked = [], len(simulator.requests)

    def tool(name, arguments):
        became.extend(attempts(4))
        return "done"

    response = await litellm.acompletion(
        DIRECT, ASKED, tools=TOOLS, tool_choice="required", tool_executor=tool, max_calls=4
    )

    assert response.choices[0].message.content
    assert [isinstance(each, Exception) for each in became] == [False, False, True, True]
    assert "The budget (max_calls=4) has no room" in str(became[-1])
    assert len(simulator.requests) - asked == 4
    receipt = composite_llm.receipt(response)
    assert len(receipt.calls) == 4
    assert receipt.cost_usd == pytest.approx(sum(call.cost.total for call in receipt.calls))


async def test_calls_side_by_side_on_several_loops_never_overrun_it(simulator):
    """Sixteen threads with a loop each, beside one another: of ten calls one is the final model's already, and one
    is kept for it."""
    asked = len(simulator.requests)

    def in_a_thread(name, arguments):
        async def asking():
            try:
                return await composite_llm.acompletion(f"composite/direct/{MINI}", ASKED)
            except litellm.BadRequestError:
                return None
            finally:
                await loop_thread._close_clients()

        contexts = [contextvars.copy_context() for _ in range(16)]
        with ThreadPoolExecutor(16) as threads:
            answered = list(threads.map(lambda context: context.run(asyncio.run, asking()), contexts))
        return f"{sum(each is not None for each in answered)} answered"

    response = await litellm.acompletion(
        DIRECT, ASKED, tools=TOOLS, tool_choice="required", tool_executor=in_a_thread, max_calls=10
    )

    assert "8 answered" in response.choices[0].message.content
    assert len(simulator.requests) - asked == 10


@pytest.fixture
async def given_up(simulator, spans):
    """Await `given_up(**options)`: what became of two requests of a tool whose own request is over by then."""

    async def run(inside=None, **options):
        runs, over, became = threading.Event(), threading.Event(), []

        def tool(name, arguments):
            runs.set()
            over.wait(60)
            became.extend(attempts(2, **(inside or {})))

        request = asyncio.create_task(
            litellm.acompletion(
                DIRECT, ASKED, tools=TOOLS, tool_choice="required", tool_executor=tool, **options
            )
        )
        await asyncio.to_thread(runs.wait)
        request.cancel()
        with pytest.raises(asyncio.CancelledError):
            await request
        over.set()
        await until(lambda: len(became) == 2)
        return became

    return run


async def test_what_a_tool_asks_when_its_request_is_over_is_a_request_inside_it_with_books_of_its_own(
    given_up, spans
):
    one, other = await given_up()

    assert [len(receipt.calls) for receipt in (one, other)] == [1, 1]
    assert one.cost_usd > 0
    outer, inner = (requests_in(spans)[depth] for depth in (0, 1))
    assert one.trace_id == f"{outer.context.trace_id:032x}"
    assert inner.attributes[c.REQUEST_ID] == outer.attributes[c.REQUEST_ID]
    assert (outer.attributes[c.ROLLUP_CALLS], inner.attributes[c.ROLLUP_CALLS]) == (1, 1)
    assert (outer.attributes[c.STOP_REASON], inner.attributes[c.STOP_REASON]) == ("cancelled", "complete")


async def test_the_budget_of_a_request_that_is_over_still_holds(given_up, spans, simulator):
    asked = len(simulator.requests)
    became = await given_up(max_calls=3)

    assert [isinstance(each, Exception) for each in became] == [False, True]
    assert len(simulator.requests) - asked == 2
    assert requests_in(spans)[1].attributes[c.STOP_REASON] == "budget"


async def test_it_is_refused_where_composites_may_not_stand_that_deep(given_up):
    for error in await given_up(max_composite_depth=0):
        assert "would be a composite 1 deep" in str(error)
