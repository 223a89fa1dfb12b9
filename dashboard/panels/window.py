"""Which stretch of time a page is about."""

import time
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import streamlit as st

from dashboard import custom_window, state
from dashboard.custom_window import NoWindow
from dashboard.plain import in_markdown

PICKERS = {state.SINCE: "From", state.UNTIL: "To"}


def window() -> None:
    chosen = st.pills(
        "Window",
        [*state.WINDOWS, state.CUSTOM],
        default=state.DEFAULT_WINDOW,
        required=True,
        key=state.WINDOW,
        bind="query-params",
        help="Runs that began in this stretch of time, up to now; or between two moments of your own.",
    )
    if chosen == state.CUSTOM:
        _custom()


def _custom() -> None:
    """The ends are texts, as the address has them, with the offset of their zone; pickers write them, and are set from
    them. A picker of its own in the address would say no zone, and mean another moment to a reader elsewhere."""
    zone = state.zone()
    pickers, said = st.container(), st.container()
    with st.expander("As text"):
        ends = {name: _text(name, label, zone) for name, label in PICKERS.items()}
    for name, label in PICKERS.items():
        with pickers:
            _picker(name, label, ends[name], zone)
    try:
        st.session_state[state.CUSTOM] = custom_window.bounds(ends[state.SINCE], ends[state.UNTIL], zone)
        said.caption(f"On the clock of {zone}.")
    except NoWindow as problem:
        st.session_state[state.CUSTOM] = None
        default = state.WINDOW_NAMES[state.DEFAULT_WINDOW]
        said.error(f"{in_markdown(str(problem))} These are the last {default}.")


def _text(name: str, label: str, zone: str) -> str:
    """At first the last day."""
    if name not in st.query_params and not st.session_state.get(name):
        now = datetime.fromtimestamp(time.time(), ZoneInfo(zone)).replace(second=0, microsecond=0)
        since = now - timedelta(days=1)
        st.session_state[name] = custom_window.written(since if name == state.SINCE else now)
    text = st.text_input(
        label,
        key=name,
        bind="query-params",
        placeholder="2026-11-21T14:30+01:00",
        help="With the offset of its zone; without, it is on your clock.",
    )
    return text or ""


def _picker(name: str, label: str, text: str, zone: str) -> None:
    key = f"{name}_picker"
    try:
        st.session_state[key] = (
            custom_window.read(text, zone)
            .astimezone(ZoneInfo(zone))
            .replace(tzinfo=None, second=0, microsecond=0)
        )
    except (NoWindow, OverflowError):
        st.session_state[key] = None
    st.datetime_input(
        label,
        value=None,
        key=key,
        min_value=datetime(1971, 1, 1),
        max_value=datetime(2260, 1, 1),
        step=60,
        format="DD/MM/YYYY",
        on_change=_picked,
        args=(name, key, zone),
    )


def _picked(name: str, key: str, zone: str) -> None:
    if moment := st.session_state[key]:
        st.session_state[name] = custom_window.written(moment.replace(tzinfo=ZoneInfo(zone)))
