"""The graph of a mode, as it is defined."""

import streamlit as st

from composite_llm.planning.told import Mode
from dashboard import fmt, queries
from dashboard.plain import in_markdown, line
from dashboard.widgets.mode_graph import mode_graph

MOST_NODES = 80


def graph_of(mode: Mode) -> None:
    st.subheader("Graph", anchor=False)
    if mode.drawing is None:
        st.caption("It cannot be drawn as long as a composite in it cannot be read.")
        return
    if mode.drawn:
        st.caption(
            f"As in the profile {in_markdown(mode.drawn, 80)}; its own depends on what it is called with."
        )
    if len(mode.drawing.nodes) > MOST_NODES:
        st.caption(f"{fmt.plural(len(mode.drawing.nodes), 'step')} are too many to draw; Steps lists them.")
        return
    steps = fmt.plural(len(mode.drawing.nodes) - 1, "step")
    mode_graph(
        mode.drawing,
        key=f"graph-{mode.name}",
        summary=f"Graph of {line(mode.name, 80)}: {steps} from the question to the answer. The Steps tab has them as text.",
        colours=queries.model_colours(),
    )
    if any(node.optional for node in mode.drawing.nodes):
        st.caption("Dashed in amber: run only where a condition goes on with it.")
