"""Which usage counts: small trees by hand, and random ones whose truth is known."""

import dataclasses
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from collector.usage import rules
from collector.usage.rules import decide
from collector.usage.usage_span import UsageSpan


def span(name, parent=None, kind="llm_call", given=None, made=None, cost=None, **more):
    values = {
        "trace_id": "t",
        "span_id": name,
        "parent_span_id": parent,
        "start_ns": 1,
        "duration_ns": 1,
        "dialect": "gen_ai",
        "span_type": kind,
        "provider": None,
        "model": "gpt-4o",
        "response_id": None,
        "status_code": 0,
        "input_tokens": given,
        "output_tokens": made,
        "cached_tokens": None,
        "cache_write_tokens": None,
        "reasoning_tokens": None,
        "cost_usd": cost,
    }
    return UsageSpan(**values | more)


def told(*spans):
    return {name: decision.rule for name, decision in decide(spans).items()}


def sums(spans):
    decided = decide(spans)
    counted = [
        each
        for each in spans
        if (each.dialect == "composite" and each.is_call)
        or (each.span_id in decided and decided[each.span_id].counts)
    ]
    return (
        sum(each.input_tokens or 0 for each in counted),
        sum(each.output_tokens or 0 for each in counted),
        round(sum(each.cost_usd or 0 for each in counted), 9),
    )


def test_a_call_counts():
    assert told(span("call", given=10, made=1)) == {"call": rules.OWN}


def test_an_agent_that_repeats_its_calls_does_not_count():
    spans = [
        span("agent", kind="agent", given=30, made=3, cost=0.3),
        span("step", "agent", kind=None),
        span("one", "step", given=10, made=1, cost=0.1),
        span("two", "step", given=20, made=2, cost=0.2),
    ]

    assert told(*spans) == {"agent": rules.REPEATS, "one": rules.OWN, "two": rules.OWN}
    assert sums(spans) == (30, 3, 0.3)


def test_agents_in_agents_that_all_repeat_do_not_count():
    spans = [
        span("outer", kind="agent", given=30, made=3),
        span("inner", "outer", kind="agent", given=30, made=3),
        span("call", "inner", given=30, made=3),
    ]

    assert told(*spans) == {"outer": rules.REPEATS, "inner": rules.REPEATS, "call": rules.OWN}


def test_an_agent_alone_counts():
    spans = [span("agent", kind="agent", given=30, made=3, cost=0.3), span("http", "agent", kind=None)]

    assert told(*spans) == {"agent": rules.ALONE}


def test_the_innermost_of_agents_that_say_the_same_counts():
    spans = [
        span("outer", kind="agent", given=30, made=3),
        span("inner", "outer", kind="agent", given=30, made=3),
    ]

    assert told(*spans) == {"outer": rules.REPEATS, "inner": rules.ALONE}


def test_an_agent_counts_for_calls_that_report_no_usage():
    spans = [
        span("agent", kind="agent", given=30, made=3),
        span("one", "agent"),
        span("two", "agent"),
        span("refused", "agent", status_code=2),
    ]

    assert told(*spans) == {
        "agent": rules.IN_PLACE,
        "one": rules.ABOVE,
        "two": rules.ABOVE,
        "refused": rules.OWN,
    }
    assert decide(spans)["refused"].billing == "unbilled"
    assert sums(spans) == (30, 3, 0)


def test_an_agent_counts_where_it_alone_knows_the_cost():
    spans = [
        span("agent", kind="agent", given=30, made=3, cost=0.3),
        span("one", "agent", given=10, made=1),
        span("two", "agent", given=20, made=2, cost=0.2),
    ]

    assert told(*spans) == {"agent": rules.IN_PLACE, "one": rules.ABOVE, "two": rules.ABOVE}
    assert sums(spans) == (30, 3, 0.3)


def test_an_agent_that_knows_less_money_than_its_calls_does_not_replace_them():
    spans = [
        span("agent", kind="agent", given=30, made=3, cost=0.1),
        span("one", "agent", given=10, made=1),
        span("two", "agent", given=20, made=2, cost=0.2),
    ]

    assert told(*spans)["agent"] == rules.REPEATS
    assert sums(spans) == (30, 3, 0.2)


def test_an_agent_of_more_than_its_calls_makes_the_sum_a_lower_bound():
    spans = [
        span("outer", kind="agent", given=50, made=5),
        span("agent", "outer", kind="agent", given=50, made=5),
        span("one", "agent", given=10, made=1, cost=0.1),
    ]

    decided = decide(spans)
    assert (decided["agent"].rule, decided["agent"].counts, decided["agent"].billing) == (
        rules.MORE,
        False,
        "unpriced",
    )
    # Said once, not at every level.
    assert decided["outer"].rule == rules.REPEATS
    assert sums(spans) == (10, 1, 0.1)


def test_an_agent_of_less_than_its_calls_does_not_count():
    spans = [span("agent", kind="agent", given=5, made=1), span("one", "agent", given=10, made=2)]

    assert told(*spans)["agent"] == rules.LESS


def test_a_call_whose_tool_makes_a_call_counts_beside_it():
    spans = [
        span("chat", given=10, made=1),
        span("tool", "chat", kind="tool"),
        span("sub", "tool", given=10, made=1),
    ]

    assert told(*spans) == {"chat": rules.OWN, "sub": rules.OWN}
    assert sums(spans) == (20, 2, 0)


def test_an_agent_may_tell_its_calls_without_those_of_its_tools():
    spans = [
        span("agent", kind="agent", given=10, made=1),
        span("chat", "agent", given=10, made=1),
        span("tool", "agent", kind="tool"),
        span("sub", "tool", given=70, made=7),
    ]

    assert told(*spans) == {"agent": rules.REPEATS, "chat": rules.OWN, "sub": rules.OWN}


def test_a_call_that_cannot_be_the_sum_of_the_calls_below_it_counts_beside_them():
    spans = [span("chat", given=5, made=1), span("sub", "chat", given=10, made=2)]

    assert told(*spans) == {"chat": rules.OWN, "sub": rules.OWN}


def test_calls_with_responses_of_their_own_count_beside_each_other():
    spans = [
        span("chat", given=50, made=5, response_id="a"),
        span("sub", "chat", given=10, made=1, response_id="b"),
    ]

    assert told(*spans) == {"chat": rules.OWN, "sub": rules.OWN}


def test_a_call_that_is_the_sum_of_its_steps_does_not_count():
    spans = [
        span("generate", given=30, made=3, response_id="b"),
        span("one", "generate", given=10, made=1, response_id="a"),
        span("two", "generate", given=20, made=2, response_id="b"),
    ]

    assert told(*spans) == {"generate": rules.REPEATS, "one": rules.OWN, "two": rules.OWN}


def test_of_two_layers_the_one_that_knows_the_cost_counts():
    spans = [
        span("outer", given=10, made=1, cost=0.1, response_id="a"),
        span("inner", "outer", given=10, made=1, response_id="a"),
    ]
    beside = [spans[0], spans[1]._replace(parent_span_id=None)]

    for two in (spans, beside):
        assert told(*two) == {"outer": rules.OWN, "inner": rules.SAME_RESPONSE}


def test_two_layers_without_response_ids_are_known_by_their_usage():
    spans = [span("outer", given=10, made=1), span("inner", "outer", given=10, made=4, cost=0.1)]

    assert told(*spans) == {"outer": rules.REPEATS, "inner": rules.OWN}


def test_an_outer_layer_without_usage_is_no_call_of_its_own():
    spans = [span("outer"), span("inner", "outer", given=10, made=1)]

    assert told(*spans) == {"outer": rules.NOTHING, "inner": rules.OWN}


def test_one_response_id_for_different_usage_is_two_calls():
    """Some servers draw their ids from a thousand."""
    spans = [
        span("one", given=10, made=1, response_id="chatcmpl-7"),
        span("two", given=10, made=9, response_id="chatcmpl-7"),
    ]

    assert sums(spans) == (20, 10, 0)


def test_what_others_tell_of_our_calls_gives_way():
    ours = {"dialect": "composite"}
    spans = [
        span("around", given=30, made=3, provider="composite", model="moa/openai/gpt-4o"),
        span("request", "around", kind="request", **ours),
        span("call", "request", given=30, made=3, cost=0.3, response_id="a", **ours),
        span("inside", "call", given=30, made=3, cost=0.4, response_id="b"),
        span("elsewhere", "request", given=30, made=3, cost=0.4, response_id="a"),
    ]

    assert told(*spans) == {
        "around": rules.OUR_RUN,
        "inside": rules.INSIDE_OURS,
        "elsewhere": rules.SAME_RESPONSE,
    }
    assert sums(spans) == (30, 3, 0.3)


def test_a_stream_told_in_two_spans_is_one_call():
    logfire = {"dialect": "logfire", "parent_span_id": "root"}
    spans = [
        span("request", start_ns=1, **logfire),
        span("end", given=10, made=1, start_ns=5, **logfire | {"duration_ns": 0}),
        span("failed", status_code=2, start_ns=2, **logfire),
    ]

    assert told(*spans) == {"request": rules.BESIDE, "end": rules.OWN, "failed": rules.OWN}


def test_a_circle_is_decided_about_once():
    spans = [span("a", "b", given=10, made=1, start_ns=1), span("b", "a", given=10, made=1, start_ns=2)]

    assert told(*spans) == {"a": rules.REPEATS, "b": rules.OWN}


def test_a_chain_of_twenty_thousand_spans_is_no_recursion():
    spans = [span("0", kind="agent", given=10, made=1)]
    spans += [span(str(n), str(n - 1), kind="agent", given=10, made=1) for n in range(1, 20_000)]

    assert sums(spans) == (10, 1, 0)


@dataclasses.dataclass
class Forest:
    spans: list[UsageSpan]
    truth: tuple[int, int]


@st.composite
def forests(draw):
    """Containers that may repeat what is below them, over calls whose usage is the truth."""
    spans: list[UsageSpan] = []

    def grow(parent, depth):
        name = f"s{len(spans)}"
        if depth == 0 or draw(st.integers(0, 3)) == 0:
            usage = draw(st.tuples(st.integers(1, 50), st.integers(1, 50)))
            spans.append(span(name, parent, given=usage[0], made=usage[1], response_id=f"r{name}"))
            return usage
        place = len(spans)
        kind = draw(st.sampled_from(["agent", "chain", "tool"]))
        spans.append(span(name, parent, kind=kind))
        below = [grow(name, depth - 1) for _ in range(draw(st.integers(1, 3)))]
        total = (sum(a for a, _ in below), sum(b for _, b in below))
        if draw(st.booleans()):
            spans[place] = spans[place]._replace(input_tokens=total[0], output_tokens=total[1])
        return total

    trees = [grow(None, 3) for _ in range(draw(st.integers(1, 3)))]
    return Forest(spans, (sum(a for a, _ in trees), sum(b for _, b in trees)))


@settings(max_examples=150, deadline=None)
@given(forests(), st.randoms())
def test_the_sum_is_that_of_the_calls_in_any_order(forest: Forest, chance: random.Random):
    shuffled = chance.sample(forest.spans, len(forest.spans))

    assert sums(shuffled)[:2] == forest.truth
    assert decide(shuffled) == decide(forest.spans)


@settings(max_examples=150, deadline=None)
@given(forests(), st.data())
def test_what_is_lost_on_the_way_never_makes_the_sum_larger(forest: Forest, data):
    lost = data.draw(st.sets(st.sampled_from([each.span_id for each in forest.spans])))
    arrived = [each for each in forest.spans if each.span_id not in lost]

    given_tokens, made_tokens, _ = sums(arrived)
    assert given_tokens <= forest.truth[0]
    assert made_tokens <= forest.truth[1]


def test_a_container_alone_waits_for_the_parents_of_spans_that_may_be_its_own():
    orphan = span("call", "absent", given=10, made=1)
    spans = [span("agent", kind="agent", given=30, made=3), orphan]

    assert told(*spans) == {"agent": rules.UNSURE, "call": rules.OWN}
    assert decide(spans)["agent"].billing == "unpriced"
    # What is more than it tells, or was at another time, is none of its own.
    for other in (orphan._replace(input_tokens=31), orphan._replace(start_ns=9)):
        assert told(spans[0], other)["agent"] == rules.ALONE
