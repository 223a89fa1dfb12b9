"""Models without a price: what was called, a form to price them, and what the calls would have cost at that price."""

from collections.abc import Sequence
from datetime import UTC, datetime

import streamlit as st
from pydantic import ValidationError

from composite_llm.accounting import own_prices
from composite_llm.accounting.own_prices import OwnPrice, OwnPrices, UnusablePrices
from dashboard import fmt
from dashboard.diagnosis.answers import UnpricedModel
from dashboard.diagnosis.own_prices import (
    OURS,
    all_would_have_cost,
    models_to_price,
    would_have_cost,
)
from dashboard.panels.diagnostics_table import fixed_table, table, to_span
from dashboard.panels.open_in_sql import open_in_sql
from dashboard.plain import in_markdown, line
from dashboard.state import Filters

SAVED = "price_saved"
MEANING = (
    "Calls and agents nobody knows the cost of, by model. A price holds for calls that composite_llm makes from its day on. "
    "What is recorded stays as it is: these calls remain unpriced in every total, and what they would have cost at your "
    "price is shown as an estimate here."
)


def unpriced_models(rows: Sequence[UnpricedModel], filters: Filters) -> None:
    prices = own_prices.read(own_prices.file())
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.subheader("Models without a price", anchor=False, help=MEANING, width="content")
        open_in_sql("unpriced_models", **filters.parameters())
    _table(rows, prices)
    _estimate(rows, prices)
    _explained(rows)
    if models := models_to_price(rows):
        _form(models)


def written_prices() -> None:
    """What stands in the file, and what of it cannot be used."""
    path = own_prices.file()
    prices = own_prices.read(path)
    for problem in prices.problems:
        st.warning(in_markdown(problem, 400), icon=":material/edit_note:")
    if not prices.prices:
        return
    with st.expander(f"Your prices ({len(prices.prices)})", icon=":material/sell:"):
        fixed_table(
            [_written(price) for price in reversed(prices.prices)],
            "Table of prices in prices.yaml, the last one first",
        )
        st.caption(
            "US dollars per million tokens. They are asked where LiteLLM's table has no price. Programs read them from "
            "the data folder they write to; one that runs elsewhere needs this file there, too."
        )
        st.code(str(path.absolute()), language=None)


def _table(rows: Sequence[UnpricedModel], prices: OwnPrices) -> None:
    column = st.column_config
    right = column.Column(alignment="right")
    table(
        "unpriced_table",
        [_cells(row, prices) for row in rows],
        [to_span(row.example_trace_id) for row in rows],
        {
            "Model": column.TextColumn(width="medium"),
            "Recorded by": column.TextColumn(
                help="composite_llm, or the library whose attribute names were read."
            ),
            "Calls": column.NumberColumn(),
            "Runs": column.NumberColumn(),
            "Cut off": column.NumberColumn(
                help="Of the calls: those that did not end well, or whose provider told no tokens. No price helps them."
            ),
            "Input": right,
            "Output": right,
            "At your price": column.Column(
                alignment="right",
                help="Estimated from the recorded tokens; in no total. ≥ where calls were cut off.",
            ),
        },
        alt="Table of models without a price: who recorded them, calls, runs, tokens and an estimate. Select a row to open an example.",
    )


def _cells(row: UnpricedModel, prices: OwnPrices) -> dict[str, object]:
    estimate = would_have_cost(row, prices)
    return {
        "Model": line(row.model, 80) + ("" if row.is_call else " (agent)"),
        "Recorded by": "composite_llm" if row.dialect == OURS else line(row.dialect or "unknown", 40),
        "Calls": row.calls,
        "Runs": row.runs,
        "Cut off": row.cut_off,
        "Input": fmt.compact(row.input_tokens),
        "Output": fmt.compact(row.output_tokens),
        "At your price": "–" if estimate is None else "≈ " + fmt.money(estimate, lower_bound=row.cut_off > 0),
    }


def _estimate(rows: Sequence[UnpricedModel], prices: OwnPrices) -> None:
    usd = all_would_have_cost(rows, prices)
    if usd is None:
        return
    st.info(
        f"The recorded calls of models that you have priced would have cost about {in_markdown(fmt.money(usd))}. "
        "That is an estimate from their tokens: it is in no total, and nothing recorded was changed.",
        icon=":material/calculate:",
    )


def _explained(rows: Sequence[UnpricedModel]) -> None:
    if any(row.is_call and row.dialect != OURS for row in rows):
        st.caption(
            "Calls that another library recorded have the cost that it tells. A price written here does not reach them: "
            "let that library report cost, or call the model through composite_llm."
        )
    if any(not row.is_call for row in rows):
        st.caption(
            "An agent stands here with what it tells beyond the calls below it, which nobody can place."
        )


def _form(models: Sequence[str]) -> None:
    with st.form("price", border=True):
        st.markdown("**Price a model** – US dollars per million tokens, from calls of that day on")
        model = st.selectbox("Model", models, key="priced_model", format_func=lambda name: line(name, 120))
        with st.grid(5, min_column_width=120, gap="small"):
            given = st.number_input("Input", min_value=0.0, value=None, format="%g", key="price_input")
            made = st.number_input("Output", min_value=0.0, value=None, format="%g", key="price_output")
            cached = st.number_input(
                "Cached input",
                min_value=0.0,
                value=None,
                format="%g",
                key="price_cached",
                placeholder="as input",
            )
            reasoning = st.number_input(
                "Reasoning",
                min_value=0.0,
                value=None,
                format="%g",
                key="price_reasoning",
                placeholder="as output",
            )
            day = st.date_input(
                "Valid from", datetime.now(UTC).date(), key="price_from", help="00:00 UTC of that day."
            )
        st.caption("0 is a price: that of a model that costs nothing.")
        if st.form_submit_button("Save the price", type="primary", icon=":material/sell:"):
            _save(model, given, made, cached, reasoning, day)
    if said := st.session_state.pop(SAVED, ""):
        st.success(said, icon=":material/check:")


def _save(
    model: str | None,
    given: float | None,
    made: float | None,
    cached: float | None,
    reasoning: float | None,
    day: object,
) -> None:
    if model is None or given is None or made is None:
        st.error("A price needs input and output; 0 where they cost nothing.", icon=":material/error:")
        return
    told = {"model": model, "input": given, "output": made, "cached_input": cached, "reasoning": reasoning}
    try:
        price = OwnPrice.model_validate(told | {"valid_from": day})
        own_prices.add(own_prices.file(), price)
    except ValidationError as error:
        st.error(in_markdown("; ".join(each["msg"] for each in error.errors()), 300), icon=":material/error:")
        return
    except (UnusablePrices, OSError) as error:
        st.error(in_markdown(str(error), 400), icon=":material/error:")
        return
    st.session_state[SAVED] = (
        f"{in_markdown(model)} has a price for calls from {price.valid_from} (UTC) on. It is in "
        f"{in_markdown(str(own_prices.file()), 300)}."
    )
    st.rerun()


def _written(price: OwnPrice) -> dict[str, object]:
    return {
        "Model": line(price.model, 100),
        "Input": f"${price.input:g}",
        "Cached input": "as input" if price.cached_input is None else f"${price.cached_input:g}",
        "Output": f"${price.output:g}",
        "Reasoning": "as output" if price.reasoning is None else f"${price.reasoning:g}",
        "Valid from (UTC)": str(price.valid_from),
    }
