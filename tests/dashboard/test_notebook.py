"""A run as HTML: to scale, without anything that runs or is fetched, whatever its spans say."""

import re
from datetime import datetime
from html.parser import HTMLParser

import pytest

from composite_llm.accounting.ledger import CallRecord, Cost, Usage
from composite_llm.accounting.receipts import BudgetReport, Receipt
from dashboard.answers import Summary
from dashboard.notebook import as_html
from dashboard.run import Run
from tests.dashboard.span_rows import call, span, spans

EVIL = '"><script>alert(1)</script><img src=x onerror=alert(1)> [x](javascript:alert(1)) \u202e'
ALLOWED = {"div", "span", "table", "thead", "tbody", "tr", "th", "td", "svg", "title", "rect"}


class Parsed(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes, self.text = [], [], ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


def run_of(*rows, **more):
    summary = {
        "trace_id": "1f" * 16,
        "started": datetime(2026, 9, 27, 12),
        "root_name": "request",
        "model_name": "composite/moa/openai/gpt-4o",
        "strategy": "moa",
        "question": "Why?",
        "latency_ms": 2000.0,
        "spans": len(rows),
        "calls": 2,
        "errors": 0,
        "failed": False,
        "status": "ok",
        "input_tokens": 20,
        "output_tokens": 2,
        "cached_tokens": 0,
        "reasoning_tokens": 0,
        "cost_usd": 0.03,
        "unpriced_calls": 0,
        "models": ["openai/gpt-4o"],
        "simulated": False,
    }
    return Run.of(Summary(**(summary | more)), spans(*rows))


TWO_CALLS = (
    span("a", 0, 0, 2000, span_type="request", strategy="moa"),
    call("b", 1, 0, 500, cost_usd=0.01),
    call("c", 1, 500, 2000, cost_usd=0.02, call_index=1),
)


def test_time_is_drawn_to_scale_and_said_in_words():
    page = Parsed(as_html(run_of(*TWO_CALLS), None))

    drawings = [given["aria-label"] for tag, given in page.attributes if tag == "svg"]
    bars = [(given["x"], given["width"]) for tag, given in page.attributes if tag == "rect"]
    assert drawings == [
        "moa: 2.0 s",
        "proposer 1: 500 ms, on the critical path",
        "proposer 2: 1.5 s, on the critical path",
    ]
    assert bars[0] == ("0.0", "1000.0")
    assert set(bars[1:3]) == {("0.0", "250.0")}
    assert set(bars[3:]) == {("250.0", "750.0")}


def test_figures_are_those_of_the_dashboard():
    text = Parsed(as_html(run_of(*TWO_CALLS), None)).text

    for expected in ("Latency 2.0 s", "Cost $0.0300", "20 in, 2 out", "proposer 1 500 ms → proposer 2 1.5 s"):
        assert expected in text


def test_why_a_cost_is_a_lower_bound_is_said_of_calls_and_of_agents_apart():
    more = "container of more than the spans below it carry: what is missing is not known"
    told = {"model": "openai/gpt-4o", "input_tokens": 50, "cost_usd": 0.5, "usage_rule": more}
    agent = span("a", 0, 0, 2000, name="planner", billing="unpriced", **told)
    priced = call("b", 1, 0, 500, cost_usd=0.01)
    text = Parsed(as_html(run_of(agent, priced, unpriced_calls=1), None)).text
    both = Parsed(as_html(run_of(agent, priced, call("c", 1, 500, 900)), None)).text

    assert "An agent tells of more than its calls; what is missing is not known." in text
    assert f"Usage not counted of planner: {more}." in text
    assert "No price is known" not in text
    assert "No price is known for openai/gpt-4o, or a call ended" in both


def test_nothing_that_a_span_says_becomes_markup():
    rows = (
        span("a", 0, 0, 1000, name=EVIL, status="error", error_type=EVIL, status_message=EVIL),
        call("b", 1, 0, 500, model=EVIL, role=EVIL, outcome=EVIL, status="error", error_type=EVIL),
    )
    problem = f"no collector at {EVIL}"
    page = Parsed(
        html := as_html(run_of(*rows, question=EVIL, model_name=EVIL, root_name=EVIL), None, problem)
    )

    assert set(page.tags) <= ALLOWED
    names = {name for _, given in page.attributes for name in given}
    assert not [
        name for name in names if name.startswith("on") or name in ("href", "src", "srcset", "action")
    ]
    assert not re.search(r"url\(|@import|expression\(", html)
    assert "<script>alert(1)</script>" in page.text
    assert "\u202e" not in html


def test_a_large_run_is_folded_and_says_so():
    rows = [span("root", 0, 0, 1000)] + [
        call(f"c{row}", 1, row, row + 1, cost_usd=0.01) for row in range(500)
    ]
    page = Parsed(as_html(run_of(*rows), None))

    assert page.tags.count("svg") == 100
    assert "401 spans folded away" in page.text


@pytest.mark.parametrize(
    ("cost", "status", "expected"),
    [(0.5, "known", "$0.5000"), (0.5, "partial", "≥ $0.5000"), (0, "unknown", "unknown")],
)
def test_a_receipt_alone_has_its_figures_and_no_timeline(cost, status, expected):
    priced = CallRecord("moa.layer1", "proposer", 0, 1, EVIL, "ok", 1.5, Usage(10, 5), Cost(0.5))
    receipt = Receipt(
        "composite/moa/x", "moa", "r", "1f" * 16, 2.0, [priced], Usage(10, 5), status, cost, ["x"], True
    )
    page = Parsed(as_html(None, receipt, "not stored yet"))

    assert f"Cost {expected}" in page.text
    assert "1 call" in page.text
    assert "not stored yet" in page.text
    assert set(page.tags) <= ALLOWED - {"svg", "rect", "title"}


def test_a_receipt_says_what_it_was_degraded_by_and_what_its_budget_kept_from_being_done():
    calls = [
        CallRecord("moa.layer1", "proposer", 0, 1, "m", "hedge_lost", 1.5, Usage(10, 5), Cost(0.5)),
        CallRecord("moa.layer1", "proposer", 0, 2, "m", "ok", 0.5, None, None, hedge=True),
    ]
    receipt = Receipt(
        "composite/moa/x", "moa", "r", "1f" * 16, 2.0, calls, Usage(10, 5), "partial", 0.5, ["m"], False,
        ["moa.layer1: 1 of 3 proposers gave no answer"], BudgetReport(2.5, 4, None, 1, 2),
    )  # fmt: skip
    text = Parsed(as_html(None, receipt)).text

    assert "Cost ≥ $0.5000" in text
    assert "Degraded: moa.layer1: 1 of 3 proposers gave no answer." in text
    assert "Budget $2.50, 4 calls: 1 call not made, 2 answers shortened for its sake." in text
    assert "hedge lost" in text
    assert "· hedge" in text
    assert "retry" not in text
