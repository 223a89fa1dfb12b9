"""The request that is looked at: begun, followed until its process has ended, and set beside a plain call."""

import streamlit as st

from dashboard import connection
from dashboard.panels.playground_compare import compare
from dashboard.panels.playground_form import plain_call
from dashboard.panels.playground_history import SHOWN
from dashboard.panels.playground_run import played
from dashboard.plain import in_markdown
from dashboard.playground.asked import Asked
from dashboard.playground.player import Player
from dashboard.playground.table import Table

BEAT = "0.7s"
BESIDE, REFUSAL = "playground_beside", "playground_refusal"
PLAIN = "composite/direct/"


def begin(tab: Table, asked: Asked, beside: Player | None = None) -> None:
    """`beside`: the composite this is the plain call of."""
    if refusal := tab.run(asked):
        st.session_state[REFUSAL] = refusal
    elif beside is None:
        st.session_state[SHOWN] = tab.played[-1]
    else:
        st.session_state.setdefault(BESIDE, {})[id(beside)] = tab.played[-1]


def refused() -> None:
    if refusal := st.session_state.pop(REFUSAL, ""):
        st.warning(refusal, icon=":material/hourglass:")


def on_stage(tab: Table) -> None:
    player: Player | None = st.session_state.get(SHOWN)
    if player is None:
        st.caption("Nothing has been run here yet. Without keys the simulator answers, offline.")
        return
    st.divider()
    plain: Player | None = st.session_state.get(BESIDE, {}).get(id(player))
    if _all_over(player, plain):
        _shown(player, plain)
    else:
        _going_on(player, plain)
    if player.is_over and plain is None:
        _offer_comparison(tab, player)


@st.fragment(run_every=BEAT)
@connection.explained()
def _going_on(player: Player, plain: Player | None) -> None:
    _shown(player, plain)
    if _all_over(player, plain):
        st.rerun()


def _shown(player: Player, plain: Player | None) -> None:
    played(player)
    if plain:
        compare(player, plain)


def _all_over(player: Player, plain: Player | None) -> bool:
    return player.is_over and (plain is None or plain.is_over)


def _offer_comparison(tab: Table, player: Player) -> None:
    """With the composite's base model: what a client would ask instead. A profile of steps may have none; then with
    the model that spoke last."""
    asked = player.asked
    if asked is None or asked.model.startswith(PLAIN) or not player.calls:
        return
    if model := asked.base_model or str(player.calls[-1]["model"]).removeprefix("sim/"):
        st.button(
            f"Compare with one plain call of {in_markdown(model, 60)}",
            icon=":material/compare_arrows:",
            on_click=begin,
            args=(tab, plain_call(asked, model), player),
        )
