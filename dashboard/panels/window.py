"""Which stretch of time a page is about."""

import time
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import streamlit as st

from dashboard import custom_window, state
from dashboard.custom_window import NoWindow

PICKERS = {state.SINCE: "From", state.UNTIL: "To"}
KEPT = "custom_window_address"


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
    elif state.SINCE in st.query_params or state.UNTIL in st.query_params:
        st.query_params.from_dict(
            {name: st.query_params.get_all(name) for name in st.query_params if name not in PICKERS}
        )


def _custom() -> None:
    """The address leads: pickers write it and are set from it, so that Back and links move them, too."""
    zone = state.zone()
    ends = {name: _end(name, zone) for name in PICKERS}
    st.session_state[KEPT] = ends
    if any(st.query_params.get(name) != text for name, text in ends.items()):
        st.query_params.update(ends)
    try:
        st.session_state[state.CUSTOM] = custom_window.bounds(ends[state.SINCE], ends[state.UNTIL], zone)
    except NoWindow as problem:
        st.session_state[state.CUSTOM] = None
        st.error(f"{problem} These are the last {state.WINDOW_NAMES[state.DEFAULT_WINDOW]}.")
    for name, label in PICKERS.items():
        _picker(name, label, ends[name], zone)
    st.caption(f"On the clock of {zone}.")


def _end(name: str, zone: str) -> str:
    """From the address; else, after a change of page, what was chosen before; else the last day."""
    if text := st.query_params.get(name):
        return text
    if name in st.session_state.get(KEPT, {}):
        return st.session_state[KEPT][name]
    now = datetime.fromtimestamp(time.time(), ZoneInfo(zone)).replace(second=0, microsecond=0)
    return custom_window.written(now - timedelta(days=1) if name == state.SINCE else now)


def _picker(name: str, label: str, text: str, zone: str) -> None:
    key = f"{name}_picker"
    try:
        moment = custom_window.read(text, zone).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    except NoWindow:
        moment = None
    st.session_state[key] = moment
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
        st.query_params[name] = custom_window.written(moment.replace(tzinfo=ZoneInfo(zone)))
