"""Which parts of its long text a recursive run has seen."""

import streamlit as st

from dashboard import fmt
from dashboard.charts.context import Stretches, context_strip
from dashboard.recursion import asking
from dashboard.recursion.context import ContextRead, contexts_read
from dashboard.run import Run

CONFIG = {"displayModeBar": False}
HELP = (
    "Of the text the recursion explores: what was printed to one of its models, or stood in a question one of them "
    "answered, found again in the text. Pieces shorter than two blocks of 16 characters may be missed, so it is "
    "a lower bound. Only positions are recorded, so it works without stored content, too."
)


def recursion_context(run: Run) -> None:
    with st.container(border=True, height="stretch"):
        st.subheader("What was read of the text", anchor=False, help=HELP)
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
        unread = 1 - read.share
        never = f"; no call is known to have seen the other {fmt.share(unread, 1)}" if unread > 0 else ""
        st.markdown(f"**≥ {fmt.share(read.share, 1)}** of {size} read{never}.")
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
