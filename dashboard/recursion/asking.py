"""What the recursion pages ask the collector, kept for as long as it holds."""

import streamlit as st

from composite_llm import settings
from dashboard import connection
from dashboard.answers import rows_of
from dashboard.answers.recursion import NodeFacts
from dashboard.recursion.nesting import Nesting, nesting_of
from dashboard.run import Run


def node_facts(run: Run) -> dict[str, NodeFacts]:
    """By span id: what the requests and nodes of one run say of themselves."""
    return _node_facts(settings.load().collector, run.summary.trace_id, run.revision)


def nesting(run: Run, *, steps: bool) -> Nesting:
    return _nesting(settings.load().collector, run.revision, steps, run)


# Resources, not data, since ten thousand rows are not to be copied at every click; spans are only ever added, so a
# run's revision tells whether they still hold.
@st.cache_resource(max_entries=16, show_spinner="Reading the nodes …")
def _node_facts(url: str, trace_id: str, revision: str) -> dict[str, NodeFacts]:
    client = connection.client(url)
    bounds = client.ask("trace_bounds", trace_id=trace_id).to_pylist()
    if not bounds:
        return {}
    rows = rows_of(NodeFacts, client.ask("recursion_nodes", trace_ids=[trace_id], **bounds[0]))
    return {row.span_id: row for row in rows}


@st.cache_resource(max_entries=16, show_spinner=False)
def _nesting(url: str, revision: str, steps: bool, _run: Run) -> Nesting:
    return nesting_of(_run.spans, steps=steps)
