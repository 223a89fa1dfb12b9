"""Lines that sum to the recorded cost, with prices only where they give that cost."""

import pytest

from composite_llm import conventions as c
from composite_llm.accounting import own_prices
from dashboard import fmt
from dashboard.answers import SpanDetail
from dashboard.cost_parts import cost_parts
from dashboard.price_list import Prices, prices_of

PRICES = Prices(input=2e-6, output=10e-6, cached=0.5e-6, cache_write=2.5e-6, reasoning=12e-6)


def call(cost_usd, **tokens):
    known = dict.fromkeys(SpanDetail.__dataclass_fields__)
    used = {"input_tokens": 1000, "output_tokens": 200, "is_llm_call": True, "attributes": "{}"}
    return SpanDetail(**known | used | {"cost_usd": cost_usd} | tokens)


def lines(parts):
    return [(line.kind, line.tokens, line.usd_per_token, round(line.usd, 12)) for line in parts.lines]


def test_tokens_of_each_kind_times_their_price_are_the_cost():
    # 500 at 2, 400 at 0.5, 100 at 2.5; 150 at 10, 50 at 12: 1000 + 200 + 250 + 1500 + 600 millionths.
    span = call(0.00355, cached_tokens=400, cache_write_tokens=100, reasoning_tokens=50)
    parts = cost_parts(span, {}, PRICES)

    assert parts.by_table
    assert lines(parts) == [
        ("Input", 500, 2e-6, 0.001),
        ("Cached input", 400, 0.5e-6, 0.0002),
        ("Written to cache", 100, 2.5e-6, 0.00025),
        ("Output", 150, 10e-6, 0.0015),
        ("Reasoning", 50, 12e-6, 0.0006),
    ]
    assert sum(line.usd for line in parts.lines) == pytest.approx(parts.total_usd)


def test_prices_that_do_not_give_the_cost_are_not_shown():
    told = {c.LLM_COST_PROMPT: 0.003, c.LLM_COST_COMPLETION: 0.001}
    parts = cost_parts(call(0.004), told, PRICES)

    assert not parts.by_table
    assert lines(parts) == [
        ("Input", 1000, pytest.approx(3e-6), 0.003),
        ("Output", 200, pytest.approx(5e-6), 0.001),
    ]


def test_what_the_parts_leave_is_a_line_of_its_own():
    told = {c.LLM_COST_PROMPT: 0.003, c.LLM_COST_COMPLETION: 0.001}

    assert lines(cost_parts(call(0.01), told, None))[2:] == [("Not told apart", None, None, 0.006)]
    assert lines(cost_parts(call(0.003), told, None))[2:] == [("Not told apart", None, None, -0.001)]
    assert lines(cost_parts(call(0.01), {c.LLM_COST_PROMPT: "x"}, None)) == [
        ("Input and output", None, None, 0.01)
    ]


def test_no_cost_has_no_parts():
    assert cost_parts(call(None), {}, PRICES) is None


def test_a_subset_that_says_more_than_the_whole_counts_up_to_it():
    parts = cost_parts(call(0.0005 + 0.0024, cached_tokens=9999, reasoning_tokens=999), {}, PRICES)

    assert lines(parts) == [("Cached input", 1000, 0.5e-6, 0.0005), ("Reasoning", 200, 12e-6, 0.0024)]


def test_prices_come_from_the_table_that_the_span_names(tmp_path, monkeypatch):
    monkeypatch.setenv("COMPOSITE_LLM_DATA", str(tmp_path))
    own_prices.add(
        own_prices.file(),
        own_prices.OwnPrice.model_validate(
            {
                "model": "openai/mine",
                "input": 2.5,
                "output": 10,
                "cached_input": 0.25,
                "valid_from": "2026-11-01",
            }
        ),
    )

    assert prices_of("openai/mine", "own-2026-11-01") == Prices(2.5e-6, 10e-6, cached=0.25e-6)
    assert prices_of("sim/openai/mine", "own-2026-11-01") == prices_of("openai/mine", "own-2026-11-01")
    assert prices_of("openai/mine", "own-2026-10-31") is None
    assert prices_of("openai/other", "own-2026-11-01") is None
    assert prices_of("openai/gpt-4o", "litellm-0.0.1") is None, "another version's table is not at hand"
    assert prices_of("openai/gpt-4o", None) is None


def test_litellms_table_is_read_as_it_is_installed():
    from importlib.metadata import version

    table = f"litellm-{version('litellm')}"
    known = prices_of("openai/gpt-4o", table)

    assert known == prices_of("sim/openai/gpt-4o", table)
    assert 0 < known.cached < known.input < known.output
    assert prices_of("openai/no-such-model", table) is None


def test_a_reader_can_add_parts_up():
    assert fmt.exact_money(0.00123575) == "$0.00123575"
    assert fmt.exact_money(2.5) == "$2.50"
    assert fmt.exact_money(1234) == "$1,234.00"
    assert fmt.exact_money(-0.001) == "−$0.001"
