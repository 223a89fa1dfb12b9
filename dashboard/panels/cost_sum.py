"""Where a cost comes from: tokens times prices, in lines that sum to it, and who says so."""

import pandas as pd
import streamlit as st

from composite_llm import conventions as c
from dashboard import fmt
from dashboard.answers import SpanDetail
from dashboard.conversation.found import attributes_of
from dashboard.cost_parts import CostParts, cost_parts
from dashboard.plain import in_markdown
from dashboard.price_list import prices_of

MILLION = 1_000_000

_COUNTED = {
    "provider": "Tokens as the provider counted them",
    "estimated": "Tokens are an estimate from the words, since the provider told none: at least so many",
}


def cost_sum(span: SpanDetail) -> None:
    _provenance(span)
    if not span.is_llm_call or not span.cost_usd:
        return
    attributes = attributes_of(span.attributes)
    named = attributes.get(c.LITELLM_MODEL)
    model = named if isinstance(named, str) else span.model or ""
    if parts := cost_parts(span, attributes, prices_of(model, span.price_version)):
        _table(parts)


def _table(parts: CostParts) -> None:
    rows = [
        {
            "Tokens of": line.kind,
            "Tokens": fmt.count(line.tokens) if line.tokens is not None else "",
            "$ per million": ""
            if line.usd_per_token is None
            else fmt.exact_money(line.usd_per_token * MILLION),
            "Cost": fmt.exact_money(line.usd),
        }
        for line in parts.lines
    ]
    whole = {"Tokens of": "Sum", "Tokens": "", "$ per million": "", "Cost": fmt.exact_money(parts.total_usd)}
    right = st.column_config.Column(alignment="right")
    st.dataframe(
        pd.DataFrame([*rows, whole]),
        hide_index=True,
        width="content",
        column_config={"Tokens": right, "$ per million": right, "Cost": right},
        alt="How the cost is made up: tokens of each kind, their price, and what they come to.",
    )
    st.caption(
        "Prices of the table that the cost was recorded from; multiplied they give the recorded cost."
        if parts.by_table
        else "The cost as recorded; prices follow from it, since those of each kind are not known here."
    )


def _provenance(span: SpanDetail) -> None:
    """Where the numbers come from, in a sentence, and whether they count."""
    if span.usage_rule:
        counted = "counted" if span.is_llm_call else "not counted"
        read = f" As {in_markdown(span.dialect, 40)} writes it." if span.dialect else ""
        st.caption(f"Usage: {counted} – {in_markdown(span.usage_rule, 120)}.{read}")
    if not span.is_llm_call:
        if span.billing == "unpriced":
            st.caption(
                "It tells of more than the calls stored for it. None of what it tells is in the run's cost, "
                "which is a lower bound for that reason."
            )
        return
    told = _COUNTED.get(span.usage_source or "", "")
    st.caption(". ".join(part for part in (_known(span), told) if part) + ".")


def _known(span: SpanDetail) -> str:
    if span.cost_usd is not None:
        version = f", price table {in_markdown(span.price_version, 60)}" if span.price_version else ""
        simulated = "; simulated, so nothing was billed" if span.simulated else ""
        return f"Cost from {in_markdown(span.cost_source or 'the sender', 40)}{version}{simulated}"
    if span.billing == "unbilled":
        return "Refused before anything was used"
    if span.input_tokens is None and span.output_tokens is None:
        return "It was sent and reported no usage, so what it cost is not known"
    return "No price is known for this call"
