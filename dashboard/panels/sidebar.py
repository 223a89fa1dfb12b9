"""The filters every page shares. Their values live in the address, so a link shows what its sender saw."""

import streamlit as st

from collector.monitoring.health import Health
from dashboard import queries, state
from dashboard.plain import in_markdown


def filters(health: Health) -> None:
    with st.sidebar:
        st.pills(
            "Window",
            list(state.WINDOWS),
            default=state.DEFAULT_WINDOW,
            required=True,
            key=state.WINDOW,
            bind="query-params",
            help="Runs that began in this stretch of time, up to now.",
        )
        strategies = queries.strategies()
        if strategies:
            st.pills(
                "Strategies",
                strategies,
                selection_mode="multi",
                format_func=in_markdown,
                key=state.STRATEGIES,
                bind="query-params",
                help="None chosen means all. A trace of another program counts as *other*.",
            )
        st.pills(
            "Origin",
            state.ORIGINS,
            default=state.default_origin(health.traces, health.simulated_traces),
            required=True,
            key=state.ORIGIN,
            bind="query-params",
            help="Simulated runs were answered by the offline simulator: their costs are what a real model "
            "would have cost, and nothing was billed.",
        )
