"""Can I trust these numbers, and what makes runs slow and dear?"""

import streamlit as st

from dashboard import queries, state
from dashboard.diagnosis import queries as asked
from dashboard.diagnosis.findings import Evidence, findings
from dashboard.diagnosis.verdict import verdict
from dashboard.panels import diagnostics_about as about
from dashboard.panels import diagnostics_prices as prices
from dashboard.panels import diagnostics_runs as runs
from dashboard.panels import diagnostics_store as store
from dashboard.panels import diagnostics_table, notices
from dashboard.panels.diagnostics_findings import finding_list, look_for_oddities, verdict_banner
from dashboard.panels.diagnostics_ingest import ingest
from dashboard.panels.diagnostics_usage import usage_rules
from dashboard.panels.heading import heading

diagnostics_table.open_chosen()
heading("Diagnostics")
filters = state.current_filters()
health = queries.health()
# What is counted wrong is wrong whatever a reader looks at.
every = state.Filters(filters.since_ns, filters.until_ns)
unpriced = asked.unpriced_models(every)
evidence = Evidence(asked.trust(every), health, asked.status(), unpriced, look_for_oddities(every))
found = findings(evidence)
verdict_banner(verdict(evidence, found))

numbers, coming_in, of_runs, of_store = st.tabs(
    ["Numbers", "Ingest", "Runs", "Store"], key=state.VIEW, on_change="rerun", bind="query-params"
)
with numbers:
    if numbers.open:
        finding_list(found, every, narrowed=filters != every)
        if unpriced:
            prices.unpriced_models(unpriced, every)
        prices.written_prices()
        usage_rules(asked.usage_rules(every), every)
with coming_in:
    if coming_in.open:
        ingest()
with of_runs:
    if of_runs.open and not queries.totals(filters).runs:
        notices.no_runs_in_window(filters)
    elif of_runs.open:
        whole = asked.at_once(filters)
        runs.cost_share(asked.cost_by_model(filters, whole), whole, filters)
        with st.spinner("Opening the newest runs span by span …", show_time=True):
            runs.bottlenecks(asked.bottlenecks(filters), filters)
            runs.shapes(asked.run_shapes(filters), filters)
with of_store:
    if of_store.open:
        days = asked.days_until(filters.until_ns, state.zone())
        store.sizes(health, grown := asked.growth(days))
        store.growth_chart(grown, days)
        store.retention(health)
        about.about(health, evidence.status)
        about.settings_table()
