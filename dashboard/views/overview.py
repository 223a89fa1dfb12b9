"""What did we spend, is it going up, and what spends it?"""

import streamlit as st

from dashboard import queries, state
from dashboard.charts import TimeAxis
from dashboard.panels import cards, notices, trends
from dashboard.panels.heading import heading

filters = state.current_filters()
heading("Overview", follow=True)

health = queries.health()
if health.oldest_span_ns is None or health.newest_span_ns is None:
    notices.no_traces()
    st.stop()

now = queries.totals(filters)
if not now.runs:
    notices.no_runs_in_window(filters)
    st.stop()

notices.simulated(now)
notices.unpriced(now.unpriced_calls)

earlier = filters.before()
before = queries.totals(earlier) if earlier else None
buckets = state.buckets_for(filters, health.oldest_span_ns, health.newest_span_ns, state.zone())
course = queries.totals_over_time(filters, buckets)
axis = TimeAxis(course[0].bucket, course[-1].bucket, buckets.seconds, buckets.zone)
than = state.WINDOW_NAMES.get(st.session_state.get(state.WINDOW, ""), "")

with st.grid(4, min_column_width=175, gap="small"):
    cards.spend(now, before, course, than)
    cards.cost_per_run(now, before, course, than)
    cards.p95_latency(now, before, course, than)
    cards.runs_with_errors(now, before, course, than)

models, strategies = queries.model_colours(), queries.strategy_colours()
by_strategy = queries.by_strategy(filters)
with st.grid(2, min_column_width=400, gap="small"):
    trends.spend_by_model(queries.spend_by_model(filters, buckets), axis, models)
    trends.latency_by_strategy(queries.latency_by_strategy(filters, buckets), axis, strategies)
    trends.tokens_by_strategy(by_strategy)
    trends.cost_by_strategy(by_strategy)
