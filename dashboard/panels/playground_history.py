"""What this tab has run, the latest first."""

import streamlit as st

from dashboard import fmt, state
from dashboard.panels import playground_receipt as receipts
from dashboard.plain import in_markdown
from dashboard.playground.player import Player
from dashboard.playground.table import Table

SHOWN = "playground_shown"


def history(table: Table) -> None:
    if len(table.played) < 2:
        return
    st.subheader("Run here before", anchor=False)
    for place in range(len(table.played) - 1, -1, -1):
        _row(table.played[place], place)


def _row(player: Player, place: int) -> None:
    asked = player.asked
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            in_markdown(f"{asked.question if asked else ''}", 70) or "–",
            key=f"show_{place}_{id(player)}",
            type="tertiary",
            on_click=_show,
            args=(player,),
        )
        cost = receipts.cost_so_far(player) if player.is_running else receipts.written_cost(player)
        after = fmt.duration(receipts.seconds_of(player) * 1000)
        st.caption(
            f"{in_markdown(asked.model if asked else '', 60)} · {player.state} · {after} · {cost}".replace(
                "$", "\\$"
            ),
            width="content",
        )
        if player.trace_id:
            st.page_link(state.TRACE_PAGE, label="Trace", query_params={state.TRACE: player.trace_id})


def _show(player: Player) -> None:
    st.session_state[SHOWN] = player
