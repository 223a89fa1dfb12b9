"""What a request will take, before it is sent, and what stands in its way."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from composite_llm.planning.told import Estimate
from dashboard import estimates
from dashboard.plain import in_markdown
from dashboard.playground.player import Player

BEAT = "0.7s"
MEANING = "For a typical question of 500 tokens and answers of 400, without attempts that are tried again."


def estimate(player: Player) -> None:
    """A process that has just begun reads prices first, which takes seconds."""
    if player.estimate or player.is_over:
        _told(player)
    else:
        _awaited(player)


@st.fragment(run_every=BEAT)
def _awaited(player: Player) -> None:
    if player.estimate or player.is_over:
        st.rerun()
    st.caption("Working out what it takes …")


def _told(player: Player) -> None:
    known = player.estimate
    if known is None:
        st.caption(f"Nothing can be run: {in_markdown(player.message, 300)}")
        return
    if known["problem"]:
        st.warning(in_markdown(known["problem"], 500), icon=":material/error:")
        return
    if told := known["estimate"]:
        wanted = Estimate(**told)
        cost = estimates.cost(wanted).replace("$", "\\$")
        st.caption(f"Estimate: {estimates.calls(wanted)} calls, {cost}.", help=MEANING)
    else:
        st.caption("Nobody has written down what this strategy takes.")
    if known["missing"]:
        keys_missing(known["missing"])


def keys_missing(missing: Mapping[str, Any]) -> None:
    keys = sorted({key for each in missing.values() for key in each})
    st.warning(
        f"No API key for {in_markdown(', '.join(sorted(missing)), 300)}. Set {in_markdown(' and '.join(keys), 200)} in the "
        "environment or in `.env` where the dashboard was started, or let the simulator answer. Keys are never typed in here.",
        icon=":material/key_off:",
    )
