"""The filters every page shares. Their values live in the address, so a link shows what its sender saw."""

import streamlit as st

from collector.monitoring.health import Health
from dashboard import queries, state
from dashboard.panels.window import window
from dashboard.plain import in_markdown


def filters(health: Health) -> None:
    """What was chosen on a page before goes into the address here, too, since a link that names what it opens leaves
    all else behind. Not on the page of a trace, which no filter narrows: the way back from it would be longer."""
    if state.TRACE not in st.query_params:
        for name in state.OF_EVERY_PAGE:
            if name in st.session_state and name not in st.query_params:
                st.session_state[name] = st.session_state[name]
    with st.sidebar:
        window()
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
        _names(
            "Mode",
            queries.mode_names(),
            state.PROFILE,
            "Any mode",
            "A strategy or a profile by the name it was asked for: *quick* of composite/quick.",
        )
        _names("Tag", queries.tag_names(), state.TAG, "Any tag", "Runs that carry this tag.")
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


def _names(label: str, names: list[str], key: str, placeholder: str, meaning: str) -> None:
    """Nothing to choose from and nothing chosen by a link: nothing is shown."""
    # One that is new, or that a link brings and the store does not know, may be given, too.
    given = st.session_state.get(key) or st.query_params.get(key)
    options = [*names, given] if given and given not in names else names
    if options:
        st.selectbox(
            label,
            options,
            index=None,
            key=key,
            bind="query-params",
            placeholder=placeholder,
            accept_new_options=True,
            help=meaning,
        )
