"""The Recursion page, and what it is worked out from: trees whose numbers can be added up."""

import pytest

from composite_llm import conventions as c
from dashboard import palette
from dashboard.answers import Summary
from dashboard.answers.recursion import NestedRun, NodeFacts, RunDepth, SubQuestion
from dashboard.recursion.across import Spread, by_depth, runaways
from dashboard.recursion.budgets import budgets, percent, tightest, used
from dashboard.recursion.by_depth import by_depth as of_one_run
from dashboard.recursion.context import contexts_read
from dashboard.recursion.limits import limits_met
from dashboard.recursion.nesting import CALLS, COST, TIME, TOKENS, nesting_of
from dashboard.recursion.ordering import LARGEST, RAN, ordered
from dashboard.recursion.repeats import repeated, without_content
from dashboard.recursion.widths import about_widths, widths
from dashboard.run import Run
from dashboard.widgets.icicle.payload import payload
from tests.collector.statistics.observed_runs import Made, Staged, run
from tests.dashboard.span_rows import call, span, spans
from tests.otlp_traces import moa_trace, span_hex, trace_hex

RECURSION = "views/recursion.py"


def node(span_id, depth, start, end, **more):
    return span(span_id, depth, start, end, span_type=c.RLM_NODE, strategy="rlm", **more)


def leaf(span_id, depth, start, end, **more):
    return call(span_id, depth, start, end, role="rlm_leaf", strategy="rlm", **more)


TREE = spans(
    span("request", 0, 0, 1000, span_type=c.REQUEST, strategy="rlm", self_ms=10.0),
    node("root", 1, 0, 990, self_ms=90.0),
    span("turn", 2, 0, 900, span_type=c.STAGE, strategy="rlm", self_ms=50.0),
    call("said", 3, 0, 100, role="rlm_root", strategy="rlm", cost_usd=0.04, self_ms=100.0),
    span("cell", 3, 100, 900, span_type=c.REPL_EXEC, strategy="rlm", self_ms=5.0, status="error"),
    leaf("asked", 4, 100, 300, cost_usd=0.01, self_ms=200.0),
    leaf("unknown", 4, 100, 200, self_ms=100.0),
    node("child", 4, 300, 900, self_ms=100.0),
    leaf("deep", 5, 300, 800, cost_usd=0.05, self_ms=500.0, status="error"),
)
"""Four calls of 11 tokens, of which one has no price: root 0.04 + 0.01 + unknown, child 0.05."""


def opened(table, **summary):
    values = {name: None for name in Summary.__dataclass_fields__} | {
        "trace_id": trace_hex(1),
        "latency_ms": 1.0,
    }
    return Run.of(Summary(**(values | summary)), table)


def names(nesting, table=TREE):
    return [table["span_id"][part.row].as_py() for part in nesting.parts]


def test_levels_and_calls_are_drawn_and_the_request_as_its_root_node():
    nesting = nesting_of(TREE, steps=False)

    assert names(nesting) == ["root", "said", "asked", "unknown", "child", "deep"]
    assert [part.parent for part in nesting.parts] == [-1, 0, 0, 0, 0, 4]
    assert [part.depth for part in nesting.parts] == [0, 0, 0, 0, 1, 1]
    assert nesting.deepest == 1


def test_every_step_above_a_call_is_drawn_when_asked_for():
    nesting = nesting_of(TREE, steps=True)

    assert names(nesting) == ["request", "root", "turn", "said", "cell", "asked", "unknown", "child", "deep"]
    assert [part.indent for part in nesting.parts] == [0, 1, 2, 3, 3, 4, 4, 4, 5]


@pytest.mark.parametrize("steps", [True, False])
def test_nothing_is_lost_by_what_is_drawn(steps):
    whole = nesting_of(TREE, steps=steps).parts[0].total

    assert whole.known_usd == pytest.approx(0.10)
    assert (whole.priced, whole.unpriced, whole.calls, whole.tokens) == (3, 1, 4, 44)
    assert whole.ms == sum((10, 90, 50, 100, 5, 200, 100, 100, 500))
    assert whole.errors == 2


def test_a_part_holds_what_is_below_it_and_errors_are_carried_up():
    nesting = nesting_of(TREE, steps=False)
    root, child = nesting.parts[0], nesting.parts[4]

    assert (child.total.known_usd, child.total.ms, child.total.errors) == (0.05, 600.0, 1)
    assert child.own.errors == 0
    assert root.own.ms == 10 + 90 + 50 + 5  # what is not drawn adds to what it stands in
    assert root.own.errors == 1  # the cell's


def test_several_roots_stand_in_the_whole_run():
    nesting = nesting_of(
        spans(call("one", 0, 0, 1, cost_usd=0.1), call("two", 0, 1, 2, cost_usd=0.2)), steps=False
    )

    assert [(part.row, part.parent) for part in nesting.parts] == [(-1, -1), (0, 0), (1, 0)]
    assert nesting.parts[0].total.known_usd == pytest.approx(0.3)


def test_a_run_without_calls_has_no_parts():
    nesting = nesting_of(spans(span("plain", 0, 0, 1)), steps=True)

    assert (nesting.parts, widths(nesting, COST), about_widths(nesting, COST)) == ([], [], "")


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        # The unknown one is as wide as the mean of 0.04, 0.01 and 0.05.
        (COST, [0.1 + 0.1 / 3, 0.04, 0.01, 0.1 / 3, 0.05, 0.05]),
        (TOKENS, [44, 11, 11, 11, 11, 11]),
        (CALLS, [4, 1, 1, 1, 1, 1]),
        (TIME, [1155, 100, 200, 100, 600, 500]),
    ],
)
def test_widths_are_of_the_measure_and_never_nothing_for_an_unknown_cost(by, expected):
    assert widths(nesting_of(TREE, steps=False), by) == pytest.approx(expected)


def test_what_is_drawn_for_an_unknown_cost_is_said():
    assert about_widths(nesting_of(TREE, steps=False), COST) == (
        "The cost of 1 call is unknown: hatched, drawn as wide as a mean call of this run ($0.0333)."
    )
    assert about_widths(nesting_of(TREE, steps=False), TIME) == ""


def test_where_nothing_cost_anything_calls_are_equally_wide_and_that_is_said():
    free = spans(*(call(name, 0, 0, 1, billing="unbilled") for name in "ab"))
    nesting = nesting_of(free, steps=False)

    assert widths(nesting, COST) == [2.0, 1.0, 1.0]
    assert about_widths(nesting, COST).startswith("Nothing of this run has such an amount")


def test_calls_that_cost_nothing_beside_others_are_told_of():
    mixed = spans(call("a", 0, 0, 1, cost_usd=0.1), call("b", 0, 0, 1, billing="unbilled"))

    assert about_widths(nesting_of(mixed, steps=False), COST) == "1 call cost nothing and has no width here."


def test_ordering_keeps_what_stands_inside_inside():
    nesting = nesting_of(TREE, steps=False)
    by_size = [names(nesting)[place] for place in ordered(nesting, COST, LARGEST)]

    assert by_size == ["root", "child", "deep", "said", "unknown", "asked"]
    assert ordered(nesting, COST, RAN) == list(range(6))


def test_a_chain_of_ten_thousand_is_a_tree_too():
    chain = spans(*(node(f"{depth}", depth, 0, 1) for depth in range(10_000)))
    nesting = nesting_of(chain, steps=False)

    assert nesting.deepest == 9_999
    assert len(ordered(nesting, CALLS, LARGEST)) == 10_000


def test_the_icicle_is_told_what_is_unknown_failed_cancelled_and_limited():
    facts = {
        "child": NodeFacts("", "child", c.RLM_NODE, node_id="0.0", depth_limited=2, termination="cancelled")
    }
    drawn = payload(opened(TREE), nesting_of(TREE, steps=False), facts, COST, palette.Palette(), "1")

    assert drawn["name"] == ["rlm", "rlm_root", "rlm_leaf", "rlm_leaf", "rlm 0.0", "rlm_leaf"]
    assert drawn["text"] == ["≥ $0.1000", "$0.0400", "$0.0100", "unknown", "$0.0500", "$0.0500"]
    assert drawn["unknown"] == [False, False, False, True, False, False]
    assert drawn["errors"] == [2, 0, 0, 0, 1, 0]
    assert [bool(error) for error in drawn["error"]] == [False] * 5 + [True]
    assert drawn["cancelled"] == [4]
    assert drawn["limit"][4] == "depth limit: 2 calls made plain"
    assert ("hatched", "cost unknown") in drawn["legend"]


def test_hostile_names_are_one_harmless_line():
    hostile = spans(call("a", 0, 0, 1, name="x\n\x1b[31m\u202eevil", role=None, span_type=None))
    drawn = payload(opened(hostile), nesting_of(hostile, steps=True), {}, COST, palette.Palette(), "1")

    assert drawn["name"] == ["x [31m evil"]


def test_depths_of_one_run_add_up_to_it():
    depths = of_one_run(nesting_of(TREE, steps=False))

    assert [(at.depth, at.levels, at.opened, at.own.calls) for at in depths] == [(0, 1, 1, 3), (1, 1, 0, 1)]
    assert [at.own.known_usd for at in depths] == pytest.approx([0.05, 0.05])


def test_limits_in_words():
    met = NodeFacts(
        "", "", c.REQUEST, termination="calls", stop_reason="budget", depth_limited=1, budget_refused=2
    )

    assert limits_met(met) == [
        "out of sub-calls",
        "out of budget",
        "depth limit: 1 call made plain",
        "budget limit: 2 calls not made",
    ]
    assert limits_met(NodeFacts("", "", c.RLM_NODE, termination="answer")) == []


def test_what_a_node_used_of_what_it_was_given():
    given = NodeFacts("", "", c.RLM_NODE, budget_in_usd=0.4, budget_in_calls=10, budget_in_seconds=4.0)
    whole = nesting_of(TREE, steps=False).parts[0].total

    # Three calls count: the root's own turn does not.
    found = budgets(given, whole, 990)
    assert used(found) == "≥ $0.1000 of $0.4000 · 3 of 10 calls · 990 ms of 4.0 s"
    assert [percent(each) for each in found] == ["≥ 25 %", "30 %", "25 %"]
    assert tightest(found) == "30 %"
    assert budgets(NodeFacts("", "", c.RLM_NODE), whole, 1) == []


def test_what_was_read_of_the_text():
    root = NodeFacts(
        "", "", c.RLM_NODE, rlm_depth=0, context_chars=1000, coverage=0.5, seen=[[0, 400], [900, 1200]]
    )
    below = [
        NodeFacts(
            "",
            "",
            c.RLM_NODE,
            rlm_depth=1,
            node_id="0.0",
            context_start=100,
            context_end=300,
            context_sha256="a",
        ),
        NodeFacts("", "", c.RLM_NODE, rlm_depth=1, node_id="0.1", context_sha256="a"),
    ]
    [read] = contexts_read([root, *below])

    assert (read.chars, read.share, read.seen) == (1000, 0.5, [(0, 400), (900, 1000)])
    assert (read.given, read.repeated) == ([("0.0", (100, 300))], 1)
    assert contexts_read(below) == []


def depth_of(trace, depth, calls, usd, *, opened=(0,), unpriced=0, **met):
    told = dict.fromkeys(("failed_calls", "depth_limited", "out_of_budget", "out_of_turns", "out_of_time"), 0)
    return RunDepth(
        trace, depth, len(opened), list(opened), calls, usd, unpriced, **(told | {"repeated_texts": 0} | met)
    )


def test_many_runs_by_depth():
    rows = [
        depth_of("a", 0, 2, 0.1, opened=(3,)),
        depth_of("b", 0, 4, None, unpriced=4),
        depth_of("a", 1, 9, 0.3, opened=(0, 0, 0)),
    ]
    first, second = by_depth(rows)

    assert (first.runs, first.calls, first.known_usd, first.unpriced_calls) == (2, 6, 0.1, 4)
    # 0.95 of the way from 2 to 4.
    assert first.calls_of_run == Spread(3, pytest.approx(3.9), 4)
    assert first.opened == Spread(1.5, pytest.approx(2.85), 3)
    assert (second.runs, second.levels, second.usd_of_run) == (1, 3, Spread(0.3, 0.3, 0.3))
    assert by_depth([depth_of("a", 0, 1, None, unpriced=1)])[0].known_usd is None


def nested_run(trace, calls):
    return NestedRun(trace, 0, 1, "rlm", "m", "q", 1.0, 1, calls, 1, 1, 0.1, 0, "ok", False, 2)


def test_runaways_and_why():
    rows = [
        depth_of("a", 0, 5, 0.1, depth_limited=2),
        depth_of("a", 1, 6, 0.1, depth_limited=1, out_of_budget=1),
        depth_of("b", 0, 4, 0.1),
    ]
    wild, tame = runaways([nested_run("a", 11), nested_run("b", 4), nested_run("not nested", 999)], rows, 10)

    assert (wild.deepest, wild.levels) == (1, 2)
    assert wild.reasons == ["11 calls", "depth limit: 3 calls made plain", "out of budget: 1 level"]
    assert tame.reasons == []


def test_what_remembering_would_have_saved():
    rows = [
        SubQuestion("a", "m", "same", 3, 0, 0.06, "1", 10, 0.02),
        SubQuestion("b", "m", "same", 2, 1, 0.05, "2", 20, None),
        SubQuestion("a", "other", "same", 1, 0, 0.50, "3", 5, 0.50),
        SubQuestion("a", "m", None, 7, 0, 0.70, "4", 5, 0.10),
    ]
    [found] = repeated(rows)

    assert (found.calls, found.first.trace_id, found.unpriced, found.most_in_a_run) == (5, "a", 1, 3)
    assert found.saved_usd == pytest.approx(0.06 + 0.05 - 0.02)
    assert found.saved_in_runs_usd == pytest.approx(0.04 + 0.05)
    assert without_content(rows) == 7


def test_where_no_repetition_has_a_price_what_was_saved_is_unknown():
    [found] = repeated([SubQuestion("a", "m", "same", 2, 2, 0.0, "1", 10, None)])

    assert (found.is_known, found.unpriced) == (False, 1)


def recursive(trace):
    """$0.06 at depth 0 in two calls, $0.05 in one below it; the same sub-question twice."""
    found = {c.RLM_DEPTH: 0, c.RLM_NODE_ID: "0", c.RLM_CONTEXT_CHARS: 1000, c.RLM_TERMINATION: "answer"}
    read = {c.RLM_COVERAGE: 0.5, c.RLM_SEEN: [[0, 500]], c.RLM_BUDGET_SUB_CALLS: 10}
    child = {c.RLM_DEPTH: 1, c.RLM_NODE_ID: "0.0", c.RLM_DEPTH_LIMITED: 2, c.RLM_TERMINATION: "iterations"}
    return run(
        "rlm",
        [
            Staged("rlm", found | read, [Made("rlm_root", 0), Made("rlm_leaf", 0)], span_type=c.RLM_NODE),
            Staged("rlm", child, [Made("rlm_leaf", 0, cents=5)], under=0, span_type=c.RLM_NODE),
        ],
        trace=trace,
    )


@pytest.fixture(scope="module")
def nested(start_collector):
    return start_collector(*recursive(1), *moa_trace(2))


def figures(app):
    return {metric.label: metric.value for metric in app.metric}


def test_one_run_shows_its_levels_its_limits_and_what_was_read(open_app, nested):
    app = open_app(nested, RECURSION, trace=trace_hex(1), window="all")

    assert figures(app) == {
        "Depth": "1",
        "Levels opened": "2",
        "Model calls": "3",
        "Cost": "$0.1100",
        "Limits met": "2",
    }
    tree, depths = (frame.value for frame in app.dataframe)
    assert [name.strip("\u2003") for name in tree["Part"]] == [
        "rlm 0",
        "rlm_root",
        "rlm_leaf",
        "rlm 0.0",
        "rlm_leaf",
    ]
    assert tree["Cost"].tolist() == ["$0.1100", "$0.0300", "$0.0300", "$0.0500", "$0.0500"]
    assert tree["Used"][0] == "2 of 10 calls"
    assert tree["Met"][3] == "out of turns; depth limit: 2 calls made plain"
    assert depths["Cost"].tolist() == ["$0.0600", "$0.0500"]
    assert any("≥ 50 %** of 1,000 characters" in each.value for each in app.markdown)
    assert len(app.get("bidi_component")) == 2  # the icicle, and what is chosen in it


def test_a_picked_part_says_what_it_was_given(open_app, nested):
    app = open_app(nested, RECURSION, trace=trace_hex(1), span=span_hex(5), window="all")

    assert "rlm 0.0" in [each.value.replace("\\", "") for each in app.subheader]
    assert any(
        each.value.startswith("Ended out of turns") and "Depth limit: 2 calls made plain" in each.value
        for each in app.caption
    )


def test_a_run_without_recursion_is_told_so_and_drawn_by_its_steps(open_app, nested):
    app = open_app(nested, RECURSION, trace=trace_hex(2), window="all")

    assert figures(app)["Depth"] == "0"
    assert any(each.value.startswith("This run has no recursion:") for each in app.caption)
    assert [name.strip("\u2003") for name in app.dataframe[0].value["Part"]][:2] == ["moa", "propose"]
    assert any("record what they read" in each.value for each in app.caption)


def test_an_unknown_run_or_part_is_a_sentence(open_app, nested):
    app = open_app(nested, RECURSION, trace="<b>none</b>", window="all")
    assert app.title[0].value == "No such trace"

    app = open_app(nested, RECURSION, trace=trace_hex(1), span="none", under="none", by="none", window="all")
    assert any("no span with the id in the address" in each.value for each in app.caption)


def test_the_order_of_the_table_is_in_the_address(open_app, nested):
    app = open_app(nested, RECURSION, trace=trace_hex(1), order="largest first", window="all")

    parts = [name.strip("\u2003") for name in app.dataframe[0].value["Part"]]
    assert parts == ["rlm 0", "rlm 0.0", "rlm_leaf", "rlm_root", "rlm_leaf"]


def test_runs_together_by_depth_and_those_that_ran_away(open_app, nested):
    app = open_app(nested, RECURSION, window="all", calls="2")

    assert figures(app) == {
        "Runs that nest": "1",
        "Deepest": "1",
        "Spend below the first level": "$0.0500",
        "Runaways": "1",
    }
    depths, runs = (frame.value for frame in app.dataframe)
    assert depths["Cost"].tolist() == ["$0.0600", "$0.0500"]
    assert runs["Why"].tolist() == ["3 calls; depth limit: 2 calls made plain; out of turns: 1 level"]


def test_nothing_nested_and_an_empty_store_are_sentences(open_app, nested, empty):
    app = open_app(nested, RECURSION, window="1h")
    assert app.subheader[0].value == "No run nests here"

    app = open_app(empty, RECURSION)
    assert app.subheader[0].value == "No traces yet"
