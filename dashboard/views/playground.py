"""What would a mode say to this, what does it cost, and is it worth more than one plain call?"""

import streamlit as st

from dashboard import catalogue_reader
from dashboard.panels.heading import heading
from dashboard.panels.mode_notices import failed, reading
from dashboard.panels.playground_estimate import estimate
from dashboard.panels.playground_form import form
from dashboard.panels.playground_history import history
from dashboard.panels.playground_stage import begin, on_stage, refused
from dashboard.playground.table import table

heading("Playground")
known = catalogue_reader.known()
if known.catalogue is None:
    if known.failure:
        failed(known.failure)
    reading(True)
    st.stop()
tab = table()
asked = form(known.catalogue)
if waiting := tab.ready():
    waiting.ask_about(asked)
    estimate(waiting)
if st.button(
    "Run", key="playground_run", type="primary", icon=":material/play_arrow:", shortcut="Ctrl+Enter"
):
    if asked.question.strip():
        begin(tab, asked)
    else:
        st.warning("Type a question first.", icon=":material/edit:")
refused()
on_stage(tab)
history(tab)
