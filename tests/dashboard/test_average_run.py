"""The rows of an average run, and what is drawn of them."""

from dataclasses import replace

import pytest

from dashboard.answers.modes import Place
from dashboard.modes.average_run import dearest_role, longest_waited, place_of, rows_of
from dashboard.widgets.structure import payload, told

WHOLE = Place(0, None, 0, "run", "run", 2, 2, 0, 0, 0, 0.20, 0, 1000, 100, 0, 0, 6000, 6000, 0, 2)
"""Two runs of 3 seconds and 10 cents."""


def place(number, above, kind, label, **more):
    depth = 1 if above == 0 else 2 if kind == "call" else 3
    known = {"runs": 2, "spans": 2, "calls": 2, "cost_usd": 0.0, "waited_ms": 0.0, "elapsed_ms": 2000.0}
    return replace(WHOLE, place=number, above=above, depth=depth, kind=kind, label=label, **known | more)


PLACES = [
    replace(WHOLE, calls=8, failed_calls=1),
    place(1, 0, "stage", "moa.layer1", calls=6, cost_usd=0.12, waited_ms=3800.0, elapsed_ms=4000.0),
    place(
        2,
        1,
        "call",
        "proposer",
        calls=6,
        spans=6,
        failed=1,
        cost_usd=0.12,
        waited_ms=3800.0,
        elapsed_ms=4000.0,
    ),
    place(3, 2, "model", "openai/gpt-4o", calls=4, cost_usd=0.09, waited_ms=3800.0, elapsed_ms=4000.0),
    place(4, 2, "model", "gemini/flash", cost_usd=0.03, waited_ms=0.0, runs=1, elapsed_ms=1000.0),
    place(5, 0, "stage", "moa.aggregate", cost_usd=0.08, waited_ms=2000.0, first_ms=4000.0),
    place(6, 5, "call", "aggregator", cost_usd=0.08, waited_ms=2000.0, first_ms=4000.0),
    place(7, 6, "model", "openai/gpt-4o", cost_usd=0.08, waited_ms=2000.0, first_ms=4000.0),
]


def test_amounts_are_an_average_runs_and_add_up_with_what_is_outside_of_stages():
    rows = rows_of(PLACES)
    stages = [row for row in rows if row.depth == 1]

    assert [row.name for row in rows] == [
        "The whole run",
        "layer1",
        "proposer",
        "gpt-4o",
        "flash",
        "aggregate",
        "aggregator",
        "outside stages",
    ]
    assert (rows[0].cost_usd, rows[0].waited_ms, rows[0].calls) == (0.10, 3000, 4)
    assert sum(row.cost_usd for row in stages) == pytest.approx(rows[0].cost_usd)
    assert sum(row.waited_ms for row in stages) == pytest.approx(rows[0].waited_ms)
    assert sum(row.calls for row in stages) == rows[0].calls
    # 6 seconds less 3.8 and 2, over two runs.
    assert stages[-1].waited_ms == pytest.approx(100)


def test_a_model_stands_beside_its_role_where_it_is_always_the_same():
    rows = {row.name: row for row in rows_of(PLACES)}

    assert (rows["aggregator"].model, rows["proposer"].model) == ("openai/gpt-4o", "")
    assert rows["aggregator"].cost_share == pytest.approx(0.4)
    # Of the one run in which it occurs.
    assert (rows["flash"].runs, rows["flash"].length_ms) == (1, 1000)
    assert rows["aggregate"].start_ms == 2000
    assert rows["proposer"].failure_share == pytest.approx(1 / 6)


def test_the_dearest_role_and_the_one_that_is_waited_for_most():
    rows = rows_of(PLACES)

    assert place_of(dearest_role(rows), rows) == "proposer in layer1"
    assert place_of(longest_waited(rows), rows) == "proposer in layer1"
    assert dearest_role(rows_of([WHOLE])) is None


def test_nothing_priced_is_unknown_and_partly_priced_a_lower_bound():
    unknown = [replace(each, cost_usd=None, unpriced_calls=1) for each in PLACES]
    assert {row.cost_share for row in rows_of(unknown)} <= {None, 0.0}
    data = payload(rows_of(unknown), "", {}, None)["rows"]
    assert {row["cost"] for row in data[:-1]} == {"unknown"}

    partly = [replace(each, unpriced_calls=1) for each in PLACES]
    assert payload(rows_of(partly), "", {}, None)["rows"][0]["cost"] == "≥ $0.1000"


def test_what_is_drawn():
    data = payload(rows_of(PLACES), "What it is.", {"openai/gpt-4o": "#123456"}, 6000)
    rows = {row["name"]: row for row in data["rows"]}

    assert data["axis"] == ["1.5 s", "3.0 s", "4.5 s", "6.0 s"]
    aggregate = rows["aggregate"]
    assert (aggregate["start"], aggregate["length"], aggregate["waited"]) == pytest.approx((1 / 3, 1 / 6, 1))
    assert (rows["aggregator"]["colour"], rows["aggregator"]["note"]) == ("#123456", "gpt-4o")
    assert (rows["proposer"]["failed"], rows["flash"]["runs"]) == ("17 %", "1 of 2")
    assert (rows["layer1"]["cost_bar"], aggregate["cost_bar"]) == pytest.approx((1, 2 / 3))
    assert [row["has_below"] for row in data["rows"]] == [True, True, True, False, False, True, False, False]


def test_a_row_in_words():
    said = told(rows_of(PLACES)[2]).splitlines()

    assert said == [
        "proposer",
        "in 2 of 2 runs",
        "per run: 3 calls, $0.0600, 500 tokens in, 50 out",
        "a run waits 1.9 s for it (63 %)",
        "begins after 0.0 ms, under way for 2.0 s",
        "1 of 6 failed",
    ]


def test_hostile_names_are_one_line():
    rows = rows_of([WHOLE, place(1, 0, "stage", "x.<b>\nevil\u202e")])

    assert rows[1].name == "<b> evil"
