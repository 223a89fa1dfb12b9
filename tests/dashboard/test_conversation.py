"""What is put together to be read: blocks from recorded spans alone, and what was made of each answer."""

import json
from datetime import datetime

import pytest

from composite_llm import conventions as c
from dashboard.answers import Summary
from dashboard.conversation.found import Finding, findings
from dashboard.conversation.outline import MOST_ROWS, outline, page_of
from dashboard.conversation.verdicts import duels_of, ranking_of, remarks
from dashboard.run import Run
from tests.dashboard.span_rows import call, span, spans


def run_of(*rows):
    summary = Summary(
        trace_id="1f" * 16, started=datetime(2026, 9, 27, 12), root_name="request", model_name=None, strategy="moa",
        question=None, latency_ms=2000.0, spans=len(rows), calls=0, errors=0, failed=False, status="ok",
        input_tokens=0, output_tokens=0, cached_tokens=0, reasoning_tokens=0, cost_usd=None, unpriced_calls=0,
        models=[], simulated=False,
    )  # fmt: skip
    return Run.of(summary, spans(*rows))


def stage(span_id, depth, start, end, kind):
    return span(span_id, depth, start, end, span_type="stage", stage_kind=kind, stage_name=f"x.{kind}")


def read(run):
    """Each block as its kind, the ids of its items, and the id of what judged it."""
    ids = run.spans["span_id"].to_pylist()
    return [
        (block.kind, [ids[row] for row in block.items], block.judged_by and ids[block.judged_by])
        for block in outline(run)
    ]


def test_a_stage_holds_its_calls_and_knows_the_stage_that_judged_them():
    run = run_of(
        span("r", 0, 0, 30, span_type="request"),
        stage("p", 1, 0, 10, "propose"),
        call("a", 2, 0, 10),
        call("b", 2, 0, 10, call_index=1),
        stage("k", 1, 10, 20, "rank"),
        call("j", 2, 10, 20, role="judge"),
        stage("s", 1, 20, 30, "synthesize"),
        call("c", 2, 20, 30, role="chair"),
    )

    assert read(run) == [
        ("request", [], None),
        ("stage", ["a", "b"], "k"),
        ("stage", ["j"], None),
        ("stage", ["c"], None),
    ]


def test_a_cell_holds_the_calls_its_code_made_and_a_node_below_it_is_a_block_of_its_own():
    run = run_of(
        span("r", 0, 0, 30, span_type="request"),
        span("n", 1, 0, 30, span_type="rlm_node"),
        stage("t", 2, 0, 30, "deliberate"),
        call("a", 3, 0, 10, role="rlm_root"),
        span("x", 3, 10, 30, span_type="repl_exec"),
        call("l", 4, 10, 20, role="rlm_leaf"),
        span("m", 4, 20, 30, span_type="rlm_node"),
        call("d", 5, 20, 30),
    )
    [_, node, turn, deeper] = outline(run)

    assert (node.kind, turn.items, turn.within) == ("node", [3, 4], {4: [5]})
    assert (deeper.kind, deeper.row, deeper.items) == ("node", 6, [7])


def test_a_trace_of_another_library_is_its_roots_its_calls_and_its_leaves():
    run = run_of(
        span("agent", 0, 0, 30),
        span("step", 1, 0, 30),
        call("a", 2, 0, 10),
        span("tool", 2, 10, 20),
        call("b", 2, 20, 30),
    )

    assert read(run_of()) == []
    # `a` and `b` are recorded as calls of ours; without a stage or a request nothing else is.
    assert read(run) == [("other", ["agent", "a", "tool", "b"], None)]


def test_a_call_beside_a_composite_is_not_lost():
    run = run_of(span("r", 0, 0, 10, span_type="request"), call("a", 0, 20, 30, role=None, span_type=None))

    assert read(run) == [("request", [], None), ("other", ["a"], None)]


def test_pages_hold_whole_blocks_and_part_those_that_are_too_long():
    many = [call(f"c{number}", 2, 0, 10, call_index=number) for number in range(2 * MOST_ROWS)]
    blocks = outline(
        run_of(
            span("r", 0, 0, 30, span_type="request"),
            stage("p", 1, 0, 10, "propose"),
            *many,
            stage("s", 1, 20, 30, "synthesize"),
            call("c", 2, 20, 30, role="chair"),
        )
    )
    pages = [page_of(blocks, number) for number in (1, 2, 3, 4, 99)]

    assert [page.number for page in pages] == [1, 2, 3, 4, 4]
    assert {page.pages for page in pages} == {4}
    shown = [row for page in pages[:4] for block in page.blocks for row in block.items]
    assert shown == [*range(2, 2 + 2 * MOST_ROWS), 3 + 2 * MOST_ROWS], "each once, in order"
    assert all(len(page.blocks[0].rows()) <= MOST_ROWS for page in pages)
    assert page_of(blocks, 0, showing=3 + 2 * MOST_ROWS).number == 4
    assert page_of(blocks, 0, showing=10**6).number == 1


BALLOTS = [
    {"reviewer": 0, "members": [2, 1, 0], "ranking": [1, 2, 0], "found_in": "json"},
    {"reviewer": 1, "members": [0, 2, 1], "ranking": [1, 0, 2], "found_in": "json"},
    {"reviewer": 2, "members": [0, 1, 2], "ranking": [], "found_in": "none"},
]


def test_a_ranking_says_who_put_whom_where_and_how_far_they_agree():
    ranking = ranking_of({c.COUNCIL_BALLOTS: json.dumps(BALLOTS)})

    assert [ballot.ranks for ballot in ranking.ballots[:2]] == [{1: 1, 2: 2, 0: 3}, {1: 1, 0: 2, 2: 3}]
    assert ranking.ballots[2].unread
    assert ranking.mean_ranks == {1: 1.0, 2: 2.5, 0: 2.5}
    # Sums of ranks 2, 5, 5 about their mean 4: (4 + 1 + 1) · 12 / (2² · (27 − 3)) = 72 / 96.
    assert ranking.agreement == pytest.approx(0.75)
    # Of three pairs the two agree on two: (2 − 1) / 3.
    assert ranking.tau == pytest.approx(1 / 3)


def test_reviewers_who_leave_their_own_answer_out_are_compared_where_they_meet():
    ballots = [
        {"reviewer": 0, "members": [1, 2, 3], "ranking": [1, 2, 3]},
        {"reviewer": 1, "members": [0, 2, 3], "ranking": [3, 2, 0]},
    ]
    ranking = ranking_of({c.COUNCIL_BALLOTS: ballots, c.COUNCIL_MEAN_RANKS: '{"1": 1.0}'})

    assert (ranking.agreement, ranking.tau) == (None, -1.0)
    assert ranking.mean_ranks == {1: 1.0}, "as recorded"


@pytest.mark.parametrize(
    "ballots",
    ["no JSON", "[1, null]", '{"a": 1}', 5, None, '[{"reviewer": "x"}]', "[[[[", '[{"reviewer": true}]'],
)
def test_ballots_that_are_none_are_no_ranking(ballots):
    assert ranking_of({c.COUNCIL_BALLOTS: ballots}) is None


def test_each_answer_is_told_what_was_made_of_it():
    judged = {c.BEST_OF_N_WINNER: 1, c.BEST_OF_N_SCORES: '{"0": 4, "1": 8.25, "2": null}'}
    selected = {c.SMOA_SELECTED: "[0]", c.SMOA_PASSED_OVER: "[1, true, -1]"}

    assert remarks(judged) == {1: ["chosen", "mark 8.25 of 10"], 0: ["mark 4 of 10"]}
    assert remarks(selected) == {0: ["read on"], 1: ["passed over"]}
    assert remarks({c.JUDGE_WINNER: True, c.COUNCIL_MEAN_RANKS: "[]"}) == {}


def test_duels_are_read_in_both_orders():
    told = [{"one": 0, "other": 1, "as_asked": 0, "swapped": None}, {"one": "x"}, 7]
    [duel] = duels_of({c.JUDGE_DUELS: json.dumps(told)})

    assert (duel.one, duel.other, duel.as_asked, duel.swapped) == (0, 1, 0, None)


def test_what_a_stage_found_out_is_written_for_readers():
    told = {
        c.CASCADE_STEP: 1,
        c.CASCADE_ACCEPTED: False,
        c.CASCADE_ACCEPT_SCORE: 0.788,
        c.CASCADE_THRESHOLD: 0.8,
        c.CASCADE_DECIDED_BY: "judge",
        c.DEBATE_CLUSTERS: "[2,1]",
        c.REFLECT_ISSUES: '{"low":0,"medium":1,"high":2}',
        c.GRAPH_FOUND: '{"scores":[8.63],"held":false}',
        c.STAGE_FAILED: 0,
    }

    assert {each.label: each.value for each in findings(told)} == {
        "Step": "1",
        "Accepted": "no",
        "Score": "0.788",
        "Needed": "0.8",
        "Decided by": "judge",
        "Equal answers": "2 + 1",
        "Issues": "1 medium, 2 high",
        "Found": "scores 8.63, held no",
    }


@pytest.mark.parametrize(
    "value", ["x", [], {}, "[1", float("nan"), float("inf"), {"a": [[]]}, "null", "9" * 5000]
)
def test_no_attribute_of_any_shape_breaks_the_page(value):
    keys = [key for name, key in vars(c).items() if name.isupper() and str(key).startswith("composite.")]

    for finding in findings(dict.fromkeys(keys, value)):
        assert isinstance(finding, Finding)
    remarks(dict.fromkeys(keys, value))
    ranking_of(dict.fromkeys(keys, value))
    duels_of(dict.fromkeys(keys, value))
