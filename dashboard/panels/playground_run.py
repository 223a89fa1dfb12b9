"""One request while it runs and after it: its timeline, its words, its receipt."""

from collections.abc import Callable

import streamlit as st

from dashboard import fmt, queries, state
from dashboard.panels import playground_receipt as receipts
from dashboard.panels.playground_estimate import keys_missing
from dashboard.plain import in_markdown, line
from dashboard.playground.player import Player
from dashboard.widgets.timeline import timeline
from dashboard.widgets.timeline.payload import payload

PICKED = "playground_picked"
ENDS = {"failed": "Failed", "cancelled": "Cancelled", "answered": "Answered"}


def played(player: Player) -> None:
    _head(player)
    if player.state == "keys_missing":
        keys_missing(player.missing)
        return
    if player.state == "failed":
        st.error("The request failed. What its calls cost until then is below.", icon=":material/error:")
        st.text(line(player.message, 2_000))
    if player.state == "cancelled":
        st.info(_spent(player), icon=":material/stop:")
    if not player.is_running:
        receipts.figures(player)
    _timeline(player)
    answer(player)
    if not player.is_running:
        receipts.calls_table(player)
        for reason in (player.receipt or {}).get("degraded", []):
            st.caption(f"Built on less than was asked for: {in_markdown(reason, 300)}")


def _head(player: Player) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            if player.is_running:
                st.button(
                    "Cancel", icon=":material/stop:", on_click=player.cancel, key=f"cancel_{id(player)}"
                )
                doing = "Running" if player.trace_id else "Starting"
                calls = fmt.plural(len(player.calls), "call")
                so_far = receipts.cost_so_far(player).replace("$", "\\$")
                st.caption(
                    f"{doing} for {fmt.duration(player.elapsed_ms)} · {calls} ended · {so_far} so far",
                    width="content",
                )
            else:
                st.subheader(ENDS.get(player.state, "Not run"), anchor=False, width="content")
            if player.is_simulated:
                st.badge("simulated", color="gray")
        if player.trace_id:
            st.page_link(
                state.TRACE_PAGE,
                label="Open its trace",
                icon=":material/arrow_forward:",
                query_params={state.TRACE: player.trace_id},
            )


def _spent(player: Player) -> str:
    calls = fmt.plural(len(player.calls), "call")
    if not player.calls:
        return "Cancelled before a call was sent: nothing was spent."
    cost = receipts.written_cost(player).replace("$", "\\$")
    return f"Cancelled after {fmt.duration(receipts.seconds_of(player) * 1000)}: {calls} had been sent, {cost} were spent."


def _timeline(player: Player) -> None:
    run = queries.run(player.trace_id) if player.trace_id else None
    if run is None:
        if player.is_running:
            st.caption("The timeline begins with the first call that ends.")
        return
    picture = payload(
        run.spans, run.critical, queries.model_colours(), run.revision, started=run.summary.started
    )
    timeline(picture, key=f"played-{player.trace_id}", selected=None, on_picked=_pick(player.trace_id))
    if picked := st.session_state.pop(PICKED, None):
        trace_id, span_id = picked
        st.switch_page(state.TRACE_PAGE, query_params={state.TRACE: trace_id, state.SPAN: span_id})


def _pick(trace_id: str) -> Callable[[str], None]:
    def pick(span_id: str) -> None:
        st.session_state[PICKED] = trace_id, span_id

    return pick


def answer(player: Player) -> None:
    if player.is_running and not player.words:
        for told in "".join(player.progress).splitlines()[-3:]:
            st.caption(in_markdown(told, 200))
        return
    if player.words:
        with st.container(border=True):
            st.text(player.answer)
