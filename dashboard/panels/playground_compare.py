"""A composite beside one plain call of the same question: was it worth it?"""

import streamlit as st

from dashboard import fmt
from dashboard.panels import playground_receipt as receipts
from dashboard.plain import in_markdown
from dashboard.playground.player import Player

SAME = 0.05
"""Ratios this near to 1 are none."""


def compare(composite: Player, plain: Player) -> None:
    st.subheader("Beside one plain call", anchor=False)
    if plain.is_running:
        st.caption(f"One plain call runs … {fmt.duration(plain.elapsed_ms)}")
        st.button("Cancel", icon=":material/stop:", on_click=plain.cancel, key=f"cancel_{id(plain)}")
    elif sentence := in_words(composite, plain):
        st.write(sentence.replace("$", "\\$"))
    for column, player in zip(st.columns(2), (composite, plain), strict=True):
        with column, st.container(border=True, height="stretch"):
            st.caption(in_markdown(player.asked.model if player.asked else "", 120))
            if not player.is_running:
                st.text(
                    f"{receipts.written_cost(player)} · {fmt.duration(receipts.seconds_of(player) * 1000)}"
                )
            st.text(player.answer or player.message or "…")


def in_words(composite: Player, plain: Player) -> str:
    """`It cost 3.1 × as much and took 1.8 × as long`; where a cost is not known, or is a lower bound, that is said."""
    (ours, ours_bound), (theirs, theirs_bound) = receipts.cost_of(composite), receipts.cost_of(plain)
    time = _times(receipts.seconds_of(composite), receipts.seconds_of(plain), "as long", "took")
    if composite.state != "answered" or plain.state != "answered":
        return "One of the two gave no answer, so there is nothing to compare."
    if ours is None or theirs is None or theirs_bound:
        return f"The composite {time}. What one of them cost is not known."
    cost = _times(ours, theirs, "as much", "cost", least=ours_bound)
    return f"The composite {cost} and {time}."


def _times(ours: float, theirs: float, words: str, verb: str, *, least: bool = False) -> str:
    if not theirs:
        return f"{verb} more" if ours else f"{verb} {words}"
    ratio = ours / theirs
    if abs(ratio - 1) < SAME and not least:
        return f"{verb} about {words}"
    return f"{verb} {'at least ' if least else ''}{ratio:.2g} × {words}"
