"""What would a mode say to this, what does it cost, and is it worth more than one plain call?"""

import streamlit as st

from dashboard import catalogue_reader, connection
from dashboard.panels.heading import heading
from dashboard.panels.mode_notices import failed, reading
from dashboard.panels.playground_compare import compare
from dashboard.panels.playground_estimate import estimate
from dashboard.panels.playground_form import form, plain_call
from dashboard.panels.playground_history import SHOWN, history
from dashboard.panels.playground_run import played
from dashboard.plain import in_markdown
from dashboard.playground.player import Asked, Player
from dashboard.playground.table import Table, table

BEAT = "0.7s"
BESIDE = "playground_beside"
"""Which plain call stands beside which composite."""


def begin(tab: Table, asked: Asked, beside: Player | None = None) -> None:
    if refusal := tab.run(asked):
        st.session_state["playground_refusal"] = refusal
        return
    if beside is None:
        st.session_state[SHOWN] = tab.played[-1]
    else:
        st.session_state.setdefault(BESIDE, {})[id(beside)] = tab.played[-1]


@st.fragment(run_every=BEAT)
@connection.explained()
def estimated(player: Player) -> None:
    estimate(player)
    if player.estimate or player.is_over:
        st.rerun()


@st.fragment(run_every=BEAT)
@connection.explained()
def going_on(player: Player, plain: Player | None) -> None:
    shown(player, plain)
    if player.is_over and (plain is None or plain.is_over):
        st.rerun()


def shown(player: Player, plain: Player | None) -> None:
    played(player)
    if plain:
        compare(player, plain)


heading("Playground")
known = catalogue_reader.known()
if known.catalogue is None:
    if known.failure:
        failed(known.failure)
    reading(True)
    st.stop()
tab = table()
mode, asked = form(known.catalogue)
waiting = tab.ready()
if waiting:
    waiting.ask_about(asked)
    if waiting.estimate or waiting.is_over:
        estimate(waiting)
    else:
        estimated(waiting)
if st.button(
    "Run", key="playground_run", type="primary", icon=":material/play_arrow:", shortcut="Ctrl+Enter"
):
    if asked.question.strip():
        begin(tab, asked)
    else:
        st.warning("Type a question first.", icon=":material/edit:")
if refusal := st.session_state.pop("playground_refusal", ""):
    st.warning(refusal, icon=":material/hourglass:")

player: Player | None = st.session_state.get(SHOWN)
if player:
    st.divider()
    plain: Player | None = st.session_state.get(BESIDE, {}).get(id(player))
    if player.is_over and (plain is None or plain.is_over):
        shown(player, plain)
    else:
        going_on(player, plain)
    model = str(player.calls[-1]["model"]).removeprefix("sim/") if player.calls else ""
    if player.is_over and plain is None and model and player.asked and "/direct/" not in player.asked.model:
        st.button(
            f"Compare with one plain call of {in_markdown(model, 60)}",
            icon=":material/compare_arrows:",
            on_click=begin,
            args=(tab, plain_call(player.asked, model), player),
        )
history(tab)
