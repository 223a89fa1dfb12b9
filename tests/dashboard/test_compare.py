"""Two runs side by side: parts that add up to each run, and differences only where both sides are known."""

import pytest

from collector.client import CollectorClient
from dashboard.run import open_run
from dashboard.run_comparison import Part, difference, pairs, parts
from tests.dashboard.conftest import STARTED_NS
from tests.otlp_traces import cost_attributes, moa_trace, span, trace_hex

COMPARE = "views/compare.py"


def opened(url, trace):
    with CollectorClient(url) as client:
        run = open_run(client, trace_hex(trace))
    assert run is not None
    return run


def test_the_parts_of_a_run_add_up_to_it(seeded):
    moa = parts(opened(seeded, 1))

    # Three proposers side by side, of 1, 1.5 and 2 s and 1, 2 and 3 cents; then the aggregator.
    assert {place: (part.calls, part.tokens, part.model_ms) for place, part in moa.items()} == {
        ("moa.propose", "proposer"): (3, 660, 4500.0),
        ("moa.aggregate", "aggregator"): (1, 440, 1000.0),
    }
    assert [part.cost_usd for part in moa.values()] == [pytest.approx(0.06), pytest.approx(0.04)]


def test_what_one_run_alone_has_stands_against_nothing(seeded):
    found = pairs(opened(seeded, 1), opened(seeded, 2))

    assert [(pair.stage, pair.role, bool(pair.first), bool(pair.second)) for pair in found] == [
        ("moa.propose", "proposer", True, False),
        ("moa.aggregate", "aggregator", True, False),
        ("council.propose", "member", False, True),
        ("council.rank", "reviewer", False, True),
        ("council.synthesize", "chair", False, True),
    ]


def test_a_call_without_a_stage_or_a_price_is_a_part_of_its_own(seeded):
    [(place, part)] = parts(opened(seeded, 4)).items()

    assert place == ("", "chat gpt-4o-mini")
    assert (part.cost_usd, part.unpriced_calls) == (None, 1)


def test_there_is_no_difference_to_what_is_not_known():
    assert difference(0.25, 0.75) == 0.5
    assert difference(None, 1.0) is None
    assert difference(0.25, 0.75, bounded=True) is None
    assert Part(unpriced_calls=1).cost_usd is None
    assert Part(calls=1).cost_usd == 0.0


def tables(app):
    figures, by_part = (table.value for table in app.dataframe)
    return figures.set_index("").to_dict("index"), by_part.to_dict("records")


def test_figures_stand_side_by_side_with_their_differences(open_app, seeded):
    app = open_app(seeded, COMPARE, trace=trace_hex(1), **{"with": trace_hex(2)})
    figures, by_part = tables(app)

    assert figures["Cost"] == {"A": "$0.1000", "B": "$0.1500", "B − A": "+$0.0500", "Change": "+50 %"}
    assert figures["Latency"] == {"A": "3.0 s", "B": "6.0 s", "B − A": "+3.0 s", "Change": "+100 %"}
    assert figures["Input tokens"] == {"A": "1,000", "B": "500", "B − A": "−500", "Change": "−50 %"}
    assert figures["Errors"]["B − A"] == "same"
    assert by_part[0]["Cost B − A"] == "−$0.0600"
    assert (by_part[0]["Cost A"], by_part[0]["Cost B"], by_part[0]["Calls"]) == ("$0.0600", "", "3 → –")


def test_a_lower_bound_has_no_difference(open_app, seeded):
    app = open_app(seeded, COMPARE, trace=trace_hex(1), **{"with": trace_hex(4)})
    figures, _ = tables(app)

    assert figures["Cost"] == {"A": "$0.1000", "B": "unknown", "B − A": "–", "Change": "–"}
    assert any("lower bound" in caption.value for caption in app.caption)


def test_what_goes_on_has_no_difference_in_cost(open_app, start_collector):
    going_on = [each for each in moa_trace(2, start_ns=STARTED_NS) if each.parent_span_id]
    url = start_collector(*moa_trace(1, start_ns=STARTED_NS), *going_on)
    figures, _ = tables(open_app(url, COMPARE, trace=trace_hex(1), **{"with": trace_hex(2)}))

    assert (figures["Cost"]["B"], figures["Cost"]["B − A"]) == ("≥ $0.1000", "–")


def test_runs_that_called_nothing_say_so(open_app, start_collector):
    url = start_collector(
        *(
            span("alone", trace=trace, start_ns=STARTED_NS, attributes=cost_attributes(None))
            for trace in (1, 2)
        )
    )
    app = open_app(url, COMPARE, trace=trace_hex(1), **{"with": trace_hex(2)})

    assert "Neither run has called a model." in [caption.value for caption in app.caption]


def test_addresses_that_name_no_two_runs_are_answered_in_words(open_app, seeded):
    assert not open_app(seeded, COMPARE).dataframe
    unknown = open_app(seeded, COMPARE, trace=trace_hex(1), **{"with": "nothing"})
    assert [code.value for code in unknown.code] == ["nothing"]
    same = open_app(seeded, COMPARE, trace=trace_hex(1), **{"with": trace_hex(1)})
    assert "Both are the same run." in [caption.value for caption in same.caption]


def test_sides_can_be_swapped(open_app, seeded):
    app = open_app(seeded, COMPARE, trace=trace_hex(1), **{"with": trace_hex(2)})
    [swap] = [button for button in app.button if button.label == "Swap"]
    swap.click().run()
    figures, _ = tables(app)

    assert (figures["Cost"]["B − A"], app.query_params["trace"]) == ("−$0.0500", trace_hex(2))
