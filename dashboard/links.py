"""From a figure to the runs that make it up: the list of runs, with the filters of the page and those of the figure."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st

from dashboard import custom_window, state

NEXT = "page_to_open"
MINUTE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """Runs that pass the filters of the page, and what is given here."""

    sort: str = ""
    """One of `state.SORTS`; empty: the newest first."""
    strategy: str = ""
    mode: str = ""
    """A strategy or a profile, by the name that was asked for."""
    model: str = ""
    errors_only: bool = False
    status: str = ""
    user: str = ""
    session: str = ""
    tag: str = ""
    attribute: str = ""
    """key=value."""
    since_s: int | None = None
    """With `until_s` the stretch in which they began, in seconds since 1970, instead of the page's window."""
    until_s: int | None = None

    def of_the_list(self) -> dict[str, str]:
        """What the list's own filters are set to, as its address says it."""
        own = {
            state.SORT: self.sort,
            state.MODEL: self.model,
            state.ERRORS_ONLY: "true" if self.errors_only else "",
            state.STATUS: self.status,
            state.USER: self.user,
            state.SESSION: self.session,
            state.ATTRIBUTE: self.attribute,
        }
        return {name: value for name, value in own.items() if value}

    def window(self) -> dict[str, str]:
        """Both ends of a window of one's own, which knows whole minutes; its last minute is in it."""
        if self.since_s is None or self.until_s is None:
            return {}
        ends = {
            state.SINCE: self.since_s // MINUTE * MINUTE,
            state.UNTIL: (self.until_s - 1) // MINUTE * MINUTE,
        }
        zone = ZoneInfo(state.zone())
        return {
            name: custom_window.written(datetime.fromtimestamp(end, UTC).astimezone(zone))
            for name, end in ends.items()
        }


def to_runs(label: str, runs: Runs) -> None:
    """A link to runs that are not narrowed by a filter of the sidebar, which every page keeps as it is."""
    st.page_link(
        state.TRACES_PAGE, label=label, icon=":material/arrow_forward:", query_params=runs.of_the_list()
    )


def choose_runs(runs: Runs) -> None:
    """To be called back by a click: the next page is the list of these runs.

    Filters of the sidebar are set here, before the next run draws them; the address of a page that is switched to
    cannot set them, since widgets that are bound to it keep what they have.
    """
    if runs.strategy:
        st.session_state[state.STRATEGIES] = [runs.strategy]
    if runs.mode:
        st.session_state[state.PROFILE] = runs.mode
    if runs.tag:
        st.session_state[state.TAG] = runs.tag
    window = runs.window()
    if window:
        st.session_state[state.WINDOW] = state.CUSTOM
        st.session_state.update(window)
    st.session_state[NEXT] = state.TRACES_PAGE, runs.of_the_list()


def choose_trace(trace_id: str) -> None:
    """To be called back by a click: the next page is this trace."""
    st.session_state[NEXT] = state.TRACE_PAGE, {state.TRACE: trace_id}


def follow() -> None:
    """Go where a click has led, before the page is drawn once more."""
    if NEXT in st.session_state:
        page, address = st.session_state.pop(NEXT)
        st.switch_page(page, query_params=address)


def chosen_row(table: str) -> int | None:
    """The row that was chosen in the table of this key."""
    chosen: dict[str, Any] = st.session_state.get(table, {}).get("selection", {})
    rows = chosen.get("rows") or [row for row, _ in chosen.get("cells", [])]
    return rows[0] if rows else None
