"""Sub-questions that were asked again, and what remembering their answers would have saved."""

from collections import Counter
from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from composite_llm import settings
from dashboard import connection, fmt
from dashboard.panels.open_in_sql import open_in_sql
from dashboard.panels.recursion_runaways import open_chosen
from dashboard.plain import line
from dashboard.recursion import asking
from dashboard.recursion.repeats import MOST_SHOWN, Place, Repeated, RepeatSearch, without_content

SEARCH, TABLE = "repeat_search", "repeated_questions"
BEAT = "0.5s"
MEANING = (
    "Questions that code of recursive nodes, or agents of other libraries, asked the same model more than once and "
    "got an answer to. Equal means equal to the letter, in all that was sent. Second attempts do not count. Saved "
    "would have been what all but the first of them cost."
)


def recursion_repeats(runs: Sequence[Place], about: object) -> None:
    """Offers to look through `runs`; `about` tells their page from others, and stays the same while time passes."""
    search = _search(about)
    with st.container(border=True):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.subheader("Repeated sub-questions", anchor=False, width="content", help=MEANING)
            open_in_sql("sub_questions", **asking.located(runs))
        if search:
            _shown(search)
            return
        st.caption("Reads what was asked, as far as it is stored, and compares it to the letter.")
        of = f"{fmt.plural(len(runs), 'run')}" if len(runs) != 1 else "this run"
        if st.button(f"Look through {of}", icon=":material/manage_search:", key="look_for_repeats"):
            st.session_state[SEARCH] = RepeatSearch(connection.client(settings.load().collector), runs, about)
            st.rerun(scope="app")


def asked_again(about: object) -> dict[str, int]:
    """By trace how many calls asked what had been asked before in it, as far as that was looked for."""
    search = _search(about)
    again: Counter[str] = Counter()
    for each in search.found if search else ():
        for row in each.runs:
            again[row.trace_id] += row.calls - 1
    return dict(again)


def _search(about: object) -> RepeatSearch | None:
    search: RepeatSearch | None = st.session_state.get(SEARCH)
    if search and search.about != about:
        search.stop()
        search = st.session_state[SEARCH] = None
    return search


def _shown(search: RepeatSearch) -> None:
    was_running = search.is_running

    # How often a fragment runs is fixed when it is registered, so the end of the search runs the whole page.
    @st.fragment(run_every=BEAT if was_running else None)
    @connection.explained()
    def progress() -> None:
        search.seen()
        if was_running and not search.is_running:
            st.rerun(scope="app")
        if search.problem:
            raise search.problem
        _head(search)
        if search.found:
            _table(search.found[:MOST_SHOWN])

    progress()


def _head(search: RepeatSearch) -> None:
    found = fmt.plural(len(search.found), "repeated question")
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        if search.is_running:
            looked = f"{search.searched} of {fmt.plural(len(search.runs), 'run')}"
            st.progress(min(1.0, search.share), text=f"Comparing what was asked · {looked} · {found}")
            st.button("Stop", icon=":material/stop:", on_click=search.stop)
        else:
            st.text(_told(search), width="stretch")
            st.button("Close", on_click=_forget, type="tertiary")


def _told(search: RepeatSearch) -> str:
    """What it came to, in sentences; what is not known is said."""
    asked = sum(row.calls for row in search.rows)
    bare = without_content(search.rows)
    ended = "" if search.state == "complete" else ", before it was stopped"
    sentences = [
        f"{fmt.plural(asked, 'sub-question')} in {fmt.plural(search.searched, 'run')}{ended}: "
        f"{fmt.plural(len(search.found), 'question')} asked again."
        if asked
        else f"No sub-questions of recursive nodes or foreign agents in {fmt.plural(search.searched, 'run')}{ended}."
    ]
    if search.found:
        sentences.append(
            f"Remembering answers would have saved {_sum(search.found, within=False)}, "
            f"of it {_sum(search.found, within=True)} within single runs."
        )
    if bare:
        sentences.append(
            f"Of {fmt.plural(bare, 'call')} the input is not stored: whether they repeat is unknown."
        )
    return " ".join(sentences)


def _sum(found: Sequence[Repeated], *, within: bool) -> str:
    usd = sum(each.saved_in_runs_usd if within else each.saved_usd for each in found)
    unpriced = sum(each.unpriced for each in found)
    nothing_known = not any(each.is_known for each in found)
    return fmt.money(None if nothing_known else usd, lower_bound=unpriced > 0)


def _table(found: Sequence[Repeated]) -> None:
    right = st.column_config.Column(alignment="right")
    st.dataframe(
        pd.DataFrame([_cells(each) for each in found]),
        hide_index=True,
        key=TABLE,
        on_select=partial(open_chosen, TABLE, [each.first.trace_id for each in found]),
        selection_mode="single-cell",
        column_config={
            "Question": st.column_config.TextColumn(width="large"),
            **dict.fromkeys(("Saved", "Calls", "Runs", "Most in a run"), right),
        },
        placeholder="",
        alt="Table of sub-questions asked more than once, the dearest first. Select a row to open the first run.",
    )


def _cells(each: Repeated) -> dict[str, object]:
    known = each.saved_usd if each.is_known else None
    return {
        "Question": line(each.question, 240) or "(cannot be read)",
        "Calls": fmt.count(each.calls),
        "Runs": fmt.count(len(each.runs)),
        "Most in a run": fmt.count(each.most_in_a_run),
        "Saved": fmt.money(known, lower_bound=each.unpriced > 0),
        "Model": line(each.model, 60),
    }


def _forget() -> None:
    st.session_state[SEARCH] = None
