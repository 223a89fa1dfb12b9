"""The graph of a mode, drawn: boxes of text with lines between them.

Streamlit's own graph chart gives all its text one size and knows no themes; this one wears the page's. All text of a
profile comes to the page as text (`textContent`), never as HTML.
"""

from dataclasses import asdict
from pathlib import Path

from streamlit.components.v2 import component

from composite_llm.planning.told import Drawing
from dashboard.palette import Palette
from dashboard.widgets.mode_graph.layout import picture_of

HERE = Path(__file__).parent

_component = component(
    "mode_graph",
    html='<div class="graph" role="img"></div>',
    css=(HERE / "mode_graph.css").read_text(encoding="utf-8"),
    js=(HERE / "mode_graph.js").read_text(encoding="utf-8"),
)


def mode_graph(drawing: Drawing, *, key: str, summary: str, colours: Palette) -> None:
    """`summary`: what a screen reader says of it; the table of steps has the rest."""
    models = [model for node in drawing.nodes for model in node.models]
    _component(
        key=key,
        data={
            "picture": asdict(picture_of(drawing)),
            "colours": colours.side_by_side(models),
            "summary": summary,
        },
    )
