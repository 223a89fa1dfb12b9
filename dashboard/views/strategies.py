"""What can be run by name, what would it take, and what did it come to?"""

import streamlit as st

from dashboard import catalogue_reader, queries, state
from dashboard.panels import notices
from dashboard.panels.heading import heading
from dashboard.panels.mode_detail import mode_detail, no_such_mode
from dashboard.panels.mode_notices import failed, reading, typical, unusable
from dashboard.panels.mode_table import mode_tables

filters = state.current_filters()
name = st.query_params.get(state.MODE, "")
known = catalogue_reader.known()
recorded = queries.by_mode(filters)

if name:
    mode = known.catalogue.find(name) if known.catalogue else None
    if mode or known.catalogue is None:
        mode_detail(name, mode, recorded.get(name))
    else:
        no_such_mode(name, recorded.get(name))
else:
    heading("Modes")
    if known.catalogue:
        unusable(known.catalogue)
    notices.simulated_among(
        sum(row.simulated_runs for row in recorded.values()), sum(row.runs for row in recorded.values())
    )
    mode_tables(known.catalogue, recorded)
    if known.catalogue:
        typical(known.catalogue)

if known.failure:
    failed(known.failure)
if known.is_reading:
    reading(known.catalogue is None)
