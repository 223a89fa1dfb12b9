"""Which parts of its long text a recursive run has seen."""

import streamlit as st

from dashboard import fmt
from dashboard.charts.context import Stretches, context_strip
from dashboard.panels.open_in_sql import open_in_sql
from dashboard.recursion import asking
from dashboard.recursion.context import ContextRead, contexts_read
from dashboard.run import Run

CONFIG = {"displayModeBar": False}
ALL = 0.9995
HELP = (
    "Of the text the recursion explores: what was printed to one of its models, or stood in a question one of them "
    "answered, found again in the text. Pieces shorter than two blocks of 16 characters may be missed, so it is "
    "a lower bound. Only positions are recorded, so it works without stored content, too."
)


def recursion_context(run: Run) -> None:
    with st.container(border=True, height="stretch"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.subheader("What was read of the text", anchor=False, width="content", help=HELP)
            open_in_sql("recursion_nodes", **asking.located([asking.place_of(run)]))
        read = contexts_read(asking.node_facts(run).values())
        if not read:
            st.caption("Only recursive language models (rlm) record what they read, and this run holds none.")
        for each in read:
            _strip(each)


def _strip(read: ContextRead) -> None:
    tokens = f", about {fmt.compact(read.tokens)} tokens" if read.tokens else ""
    size = f"{fmt.count(read.chars)} characters{tokens}"
    if read.share is None:
        st.caption(f"{size}. What was read is told when the root ends, and it has not ended.")
    else:
        st.markdown(_share(read.share, size))
    readers = [
        *([Stretches("any call", read.seen)] if read.share is not None else []),
        *(Stretches(f"rlm {node}", [place], is_given=True) for node, place in read.given),
    ]
    if readers:
        st.plotly_chart(
            context_strip(readers, read.chars),
            config=CONFIG,
            alt=f"Strip of the text: what any call has seen, in {fmt.plural(len(read.seen), 'stretch')}, and what "
            f"each of {fmt.plural(len(read.given), 'node')} was given",
        )
    said = [
        "Grey rows: the part a node was given." if read.given else "",
        f"{fmt.plural(read.left_out, 'node')} with smaller parts left out." if read.left_out else "",
        f"{fmt.plural(read.repeated, 'node')} got a text that another node had before."
        if read.repeated
        else "",
    ]
    if any(said):
        st.caption(" ".join(each for each in said if each))


def _share(share: float, size: str) -> str:
    """A lower bound, of which all is not more than all."""
    if share >= ALL:
        return f"**All** of {size} read."
    unread = fmt.share(1 - share, 1)
    return f"**≥ {fmt.share(share, 1)}** of {size} read; no call is known to have seen the other {unread}."
