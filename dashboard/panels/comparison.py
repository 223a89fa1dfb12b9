"""Two runs beside each other: their figures, and where the difference is made."""

from collections.abc import Callable

import pandas as pd
import streamlit as st

from dashboard import fmt, state
from dashboard.answers import Summary
from dashboard.plain import in_markdown, line
from dashboard.run import Run
from dashboard.run_comparison import Pair, Part, difference, least_bounded, pairs

NAMES = ("A", "B")
NOT_KNOWN = "–"


def heads(first: Run, second: Run) -> None:
    for column, name, run in zip(st.columns(2), NAMES, (first, second), strict=True):
        with column.container(border=True, height="stretch"):
            _head(name, run.summary)


def _head(name: str, run: Summary) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.badge(name, color="blue" if name == "A" else "violet")
        st.markdown(f"**{in_markdown(run.model_name or run.root_name, 80)}**", width="content")
        if run.simulated:
            st.badge("simulated", color="orange", icon=":material/science:", help="Nothing was billed.")
        if run.status == "running":
            st.badge("running", color="gray")
        if run.failed:
            st.badge("failed", color="red", icon=":material/error:")
    st.text(line(run.question, 200) or "No question was recorded.")
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.caption(fmt.moment(state.local(run.started)), width="content")
        st.page_link(
            state.TRACE_PAGE,
            label="Open the trace",
            icon=":material/arrow_forward:",
            query_params={state.TRACE: run.trace_id},
        )


def figures(first: Run, second: Run) -> None:
    one, two = first.summary, second.summary
    bounded = least_bounded((first, second))
    rows = [
        _row("Cost", _cost(one), _cost(two), one.cost_usd, two.cost_usd, fmt.money, bounded=bounded),
        _row(
            "Latency",
            fmt.duration(one.latency_ms),
            fmt.duration(two.latency_ms),
            one.latency_ms,
            two.latency_ms,
            fmt.duration,
        ),
        _row(
            "Time in models",
            fmt.duration(first.model_work_ms),
            fmt.duration(second.model_work_ms),
            first.model_work_ms,
            second.model_work_ms,
            fmt.duration,
        ),
        *(
            _row(label, fmt.count(ours), fmt.count(theirs), ours, theirs, _whole)
            for label, ours, theirs in (
                ("Model calls", one.calls, two.calls),
                ("Input tokens", one.input_tokens, two.input_tokens),
                ("of them cached", one.cached_tokens, two.cached_tokens),
                ("Output tokens", one.output_tokens, two.output_tokens),
                ("of them reasoning", one.reasoning_tokens, two.reasoning_tokens),
                ("Errors", one.errors, two.errors),
            )
        ),
    ]
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config={
            "": st.column_config.TextColumn(width=150),
            **dict.fromkeys(
                (*NAMES, "B − A", "Change"), st.column_config.Column(alignment="right", width=110)
            ),
        },
        alt="Table of both runs: cost, latency, calls and tokens, and how much more the second has",
    )
    if bounded:
        st.caption(
            "A call without a known price, or a run that goes on: what is known of its cost is a lower bound, so "
            "there is no difference to tell."
        )


def _row(
    label: str,
    ours: str,
    theirs: str,
    first: float | None,
    second: float | None,
    written: Callable[[float], str],
    *,
    bounded: bool = False,
) -> dict[str, str]:
    more = difference(first, second, bounded=bounded)
    return {
        "": label,
        "A": ours,
        "B": theirs,
        "B − A": signed(more, written),
        "Change": _change(first, second) if more is not None else NOT_KNOWN,
    }


def signed(more: float | None, written: Callable[[float], str]) -> str:
    if more is None:
        return NOT_KNOWN
    if not more:
        return "same"
    return f"{'+' if more > 0 else '−'}{written(abs(more))}"


def _change(first: float | None, second: float | None) -> str:
    change = fmt.change(second, first)
    return NOT_KNOWN if change is None else f"{change:+.0%}".replace("%", " %").replace("-", "−")


def _whole(number: float) -> str:
    return fmt.count(int(number))


def _cost(run: Summary) -> str:
    if run.status == "running" and run.cost_usd:
        return fmt.money(run.cost_usd, lower_bound=True)
    return fmt.run_cost(run.cost_usd, run.unpriced_calls, run.input_tokens + run.output_tokens)


def by_part(first: Run, second: Run) -> None:
    st.subheader(
        "By stage and role",
        anchor=False,
        help="The model calls of each role in each stage. Each column adds up to the run; time is that of the calls "
        "added up, also where they ran side by side.",
    )
    found = pairs(first, second)
    if not found:
        st.caption("Neither run has called a model.")
        return
    most = max((part.known_usd for pair in found for part in (pair.first, pair.second) if part), default=0.0)
    bar = st.column_config.ProgressColumn("", format=" ", min_value=0, max_value=most or 1.0, width=60)
    right = st.column_config.Column(alignment="right")
    st.dataframe(
        pd.DataFrame([_cells(pair) for pair in found]),
        hide_index=True,
        column_config={
            "Stage": st.column_config.TextColumn(width=170),
            "Role": st.column_config.TextColumn(width=120),
            "bar A": bar,
            "bar B": bar,
            **dict.fromkeys(
                ("Cost A", "Cost B", "Cost B − A", "Calls", "Tokens", "Time", "Tokens B − A", "Time B − A"),
                right,
            ),
        },
        alt="Table of stages and roles with cost, calls, tokens and time of both runs",
    )


def _cells(pair: Pair) -> dict[str, object]:
    ours, theirs = pair.first, pair.second
    one, two = ours or Part(), theirs or Part()
    bounded = bool(one.unpriced_calls or two.unpriced_calls)
    return {
        "Stage": line(pair.stage, 60) or "–",
        "Role": line(pair.role, 60),
        "Cost A": _part_cost(ours),
        "bar A": one.known_usd,
        "Cost B": _part_cost(theirs),
        "bar B": two.known_usd,
        "Cost B − A": signed(difference(one.cost_usd, two.cost_usd, bounded=bounded), fmt.money),
        "Calls": f"{_calls(ours)} → {_calls(theirs)}",
        "Tokens B − A": signed(two.tokens - one.tokens, fmt.compact),
        "Time B − A": signed(two.model_ms - one.model_ms, fmt.duration),
    }


def _part_cost(part: Part | None) -> str:
    return "" if part is None else fmt.run_cost(part.cost_usd, part.unpriced_calls, part.tokens)


def _calls(part: Part | None) -> str:
    return str(part.calls) if part else NOT_KNOWN
