"""What can be run by name, what would it take, and what did it come to?"""

import streamlit as st

from dashboard import catalogue_reader, links, queries, state
from dashboard.modes import asking
from dashboard.modes.asking import ModeRuns
from dashboard.panels.heading import heading
from dashboard.panels.mode_choice import compared_with, ran_in_profiles_only, whole_strategy
from dashboard.panels.mode_compare import mode_compare
from dashboard.panels.mode_detail import mode_detail, mode_title, no_such_mode
from dashboard.panels.mode_links import to_the_runs
from dashboard.panels.mode_list import mode_list
from dashboard.panels.mode_notices import failed, reading
from dashboard.widgets.step_back import leave_by_the_menu

links.follow()
filters = state.current_filters()
name = st.query_params.get(state.MODE, "")
known = catalogue_reader.known()
mode = known.catalogue.find(name) if known.catalogue else None

if name:
    leave_by_the_menu(state.MODE, state.WITH, state.PART, state.SCOPE)
    top = st.container(horizontal=True, vertical_alignment="center", gap="small")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if mode and mode.model:
            st.code(mode.model, language=None, width="content")
        runs = ModeRuns(filters, name, whole_strategy=whole_strategy(filters, mode))
        found = asking.totals(runs)
        st.space("stretch")
        if found.runs:
            to_the_runs(runs, found.runs)
        other = compared_with(name, known.catalogue, queries.by_mode(filters))
    with top:
        mode_title(name, mode, found if found.runs else None)
    if other:
        beside = known.catalogue.find(other) if known.catalogue else None
        mode_compare(runs, ModeRuns(filters, other, ran_in_profiles_only(filters, beside)))
    elif mode or known.catalogue is None:
        mode_detail(mode, runs)
    else:
        no_such_mode(runs)
else:
    heading("Modes")
    mode_list(known.catalogue, queries.by_mode(filters), filters)

if known.failure:
    failed(known.failure)
if known.is_reading:
    reading(known.catalogue is None)
