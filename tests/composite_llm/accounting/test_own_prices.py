"""Prices of one's own: read from prices.yaml, asked last, never in place of what is known."""

from datetime import UTC, date, datetime, timedelta

import pytest

import composite_llm
from composite_llm import conventions as c
from composite_llm.accounting import own_prices
from composite_llm.accounting.ledger import Usage
from composite_llm.accounting.own_prices import OwnPrice, UnusablePrices
from composite_llm.accounting.prices import cost_of, price_of_tokens
from composite_llm.request.route import Route
from tests.composite_llm.accounting.test_other_books import WAY, answer
from tests.composite_llm.accounting.test_prices import answered, real, simulated

TODAY = datetime.now(UTC).date()
USED = Usage(input=1000, output=100)


@pytest.fixture
def prices(tmp_path, monkeypatch):
    monkeypatch.setenv("COMPOSITE_LLM_DATA", str(tmp_path))
    return tmp_path / "prices.yaml"


def price(model="acme/frontier-1", **given):
    return OwnPrice(**{"model": model, "input": 2.0, "output": 8.0, "valid_from": TODAY} | given)


def test_every_kind_of_token_has_its_price():
    cost = price(cached_input=0.5, reasoning=10).cost(
        Usage(input=1000, output=100, cached=400, cache_write=100, reasoning=60)
    )

    # 600 × $2 + 400 × $0.50, and 40 × $8 + 60 × $10, a million.
    assert (cost.input, cost.output) == pytest.approx((0.0014, 0.00092))
    assert cost.total == pytest.approx(0.00232)


def test_kinds_that_are_left_out_cost_as_input_and_output():
    cost = price().cost(Usage(input=1000, output=100, cached=400, reasoning=60))

    assert cost.total == pytest.approx(0.0028)


def test_details_beyond_the_whole_make_nothing_dearer_or_negative():
    assert price(cached_input=1, reasoning=9).cost(
        Usage(input=10, output=0, cached=50, reasoning=5)
    ).total == (pytest.approx(10 * 1e-6))


def test_a_model_without_a_listed_price_costs_what_the_file_says(prices):
    way = real("frontier-1", "acme")
    assert cost_of(answered("frontier-1"), way, USED) is None
    own_prices.add(prices, price())

    cost = cost_of(answered("frontier-1"), way, USED)

    assert (cost.total, cost.own_price) == (pytest.approx(0.0028), f"own-{TODAY}")
    assert cost_of(answered("frontier-1"), simulated("frontier-1", "acme"), USED).total == cost.total


def test_what_litellm_knows_stands(prices):
    own_prices.add(prices, price("openai/gpt-4o"))

    cost = cost_of(answered("gpt-4o", reported=0.0035), real("gpt-4o"), USED)

    assert (cost.total, cost.own_price) == (pytest.approx(0.0035), "")


def test_another_composite_that_does_not_know_its_cost_is_not_priced_by_its_name(prices):
    own_prices.add(prices, price(WAY.name))
    asked = cost_of(answer(llm_calls=4, cost_status="partial", known_cost_usd=0.1), WAY, USED)

    assert asked is None


def test_the_latest_entry_that_has_begun_counts_and_of_one_day_the_last(prices):
    for given in (
        {"input": 1, "valid_from": date(2026, 1, 1)},
        {"input": 3, "valid_from": date(2026, 3, 1)},
        {"input": 4, "valid_from": date(2026, 3, 1)},
        {"input": 2, "valid_from": date(2026, 2, 1)},
    ):
        own_prices.add(prices, price(**given))
    found = own_prices.read(prices)

    def on(month, day):
        held = found.of("acme/frontier-1", date(2026, month, day))
        return held and held.input

    assert found.of("acme/frontier-1", date(2025, 12, 31)) is None
    assert [on(1, 31), on(2, 1), on(2, 28), on(3, 1)] == [1, 2, 2, 4]


def test_a_price_of_tomorrow_prices_nothing_today(prices):
    own_prices.add(prices, price(valid_from=TODAY + timedelta(days=2)))

    assert own_prices.price_now("acme/frontier-1") is None
    assert own_prices.read(prices).newest_of("acme/frontier-1") is not None


def test_a_budget_holds_the_dearer_price_of_each_kind(prices):
    own_prices.add(prices, price(reasoning=20, cached_input=1))

    assert price_of_tokens(real("frontier-1", "acme"), 1000, 100) == pytest.approx(0.002 + 0.002)


def test_comments_stay_and_what_cannot_be_used_is_left_out_and_named(prices):
    prices.write_text(
        "# ours\n"
        "- {model: a/b, input: 1, output: 2, valid_from: 2026-01-01}  # by mail\n"
        "- {model: a/c, input: -1, output: 2, valid_from: 2026-01-01}\n"
        "- {model: a/d, input: 1, output: .nan, valid_from: 2026-01-01, colour: red}"
    )
    own_prices.add(prices, price())
    found = own_prices.read(prices)

    assert [each.model for each in found.prices] == ["a/b", "acme/frontier-1"]
    assert "entry 2: input: " in found.problems[0]
    assert "output: " in found.problems[1]
    assert "colour: " in found.problems[1]
    assert "# ours" in prices.read_text()
    assert "# by mail" in prices.read_text()


@pytest.mark.parametrize("text", ["prices: {a: 1}\n", "- [\n", "  - {model: a, input: 1}\n", "\0"])
def test_a_file_that_cannot_take_an_entry_is_refused_and_left_as_it_is(prices, text):
    prices.write_text(text)

    with pytest.raises(UnusablePrices, match=r"prices\.yaml"):
        own_prices.add(prices, price())
    assert prices.read_text() == text


@pytest.mark.parametrize("text", ["a: [", "just words", "- - -", "[" * 5000])
def test_a_broken_file_prices_nothing_and_breaks_no_call(prices, text):
    prices.write_text(text)

    assert own_prices.price_now("acme/frontier-1") is None
    assert own_prices.read(prices).problems
    assert cost_of(answered("frontier-1"), real("frontier-1", "acme"), USED) is None


def test_a_name_with_any_characters_in_it_is_the_same_when_it_is_read(prices):
    for name in ("a: b", "- x", "# no", "q\"uo'te", "naïve/模型", "yes", "1.5"):
        own_prices.add(prices, price(name))
        assert own_prices.price_now(name) == price(name)


def test_a_span_says_that_the_price_was_ones_own(prices, spans, simulator):
    own_prices.add(prices, price("acme/frontier-1"))
    composite_llm.completion(
        "composite/direct/sim/acme/frontier-1", [{"role": "user", "content": "What is it?"}]
    )

    call = next(span for span in spans.get_finished_spans() if span.attributes.get(c.SPAN_TYPE) == c.LLM_CALL)
    said = call.attributes
    assert (said[c.COST_SOURCE], said[c.PRICE_VERSION]) == ("own", f"own-{TODAY}")
    assert said[c.COST_USD] == pytest.approx((said[c.INPUT_TOKENS] * 2 + said[c.OUTPUT_TOKENS] * 8) / 1e6)
    assert said[c.COST_USD] > 0


def test_routes_of_any_kind_are_looked_up_by_the_name_that_spans_show(prices):
    own_prices.add(prices, price("composer-cli/auto"))
    way = Route("composer-cli/auto", "auto", "composer-cli", "composer-cli/auto", None)

    assert cost_of(answered("auto"), way, USED).total == pytest.approx(0.0028)
