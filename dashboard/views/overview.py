"""What did we spend, is it going up, and who spends it?"""

import streamlit as st

from dashboard import links, queries, state
from dashboard.ahead import ask_ahead
from dashboard.charts.time_axis import TimeAxis
from dashboard.panels import cards, extremes, notices, spenders, strategy_costs, trends
from dashboard.panels.heading import heading

links.follow()

filters = state.current_filters()
earlier = filters.before()
heading("Overview", follow=True)

health = queries.health()
if health.oldest_span_ns is None or health.newest_span_ns is None:
    notices.no_traces()
    st.stop()

# What the cards need comes first and alone, so that they stand while the rest is still being asked.
buckets = state.buckets_for(filters, health.oldest_span_ns, health.newest_span_ns, state.zone())
ask_ahead(
    lambda: queries.totals_over_time(filters, buckets),
    lambda: earlier and queries.totals(earlier),
)
now = queries.totals(filters)
if not now.runs:
    notices.no_runs_in_window(filters)
    st.stop()

notices.simulated(now)
notices.lower_bounds(now, health)

course = queries.totals_over_time(filters, buckets)
axis = TimeAxis(course[0].bucket, course[-1].bucket, buckets.seconds, buckets.zone)
than = state.WINDOW_NAMES.get(st.session_state.get(state.WINDOW, ""), "")
cards.cards(cards.Compared(now, queries.totals(earlier) if earlier else None, course, than))

ask_ahead(
    lambda: queries.latency_by_strategy(filters, buckets),
    lambda: queries.spend_by_model(filters, buckets),
    lambda: queries.by_strategy(filters),
    lambda: queries.spenders(filters, spenders.chosen_label(), spenders.MOST),
    lambda: queries.extremes(filters, "cost", extremes.MOST),
    lambda: queries.extremes(filters, "latency", extremes.MOST),
)
asked = queries.over_time(filters, buckets)
models, strategies = queries.model_colours(), queries.strategy_colours()
of_strategies = queries.latency_by_strategy(filters, buckets)
with st.grid(2, min_column_width=400, gap="small"):
    trends.runs_by_strategy(of_strategies, axis, strategies, asked)
    trends.spend_by_model(queries.spend_by_model(filters, buckets), axis, models, asked)
    trends.latency_by_strategy(of_strategies, axis, strategies, asked)
    trends.tokens_over_time(course, axis, asked)
by_strategy = queries.by_strategy(filters)
strategy_costs.cost_by_strategy(by_strategy, filters)
with st.grid(2, min_column_width=400, gap="small"):
    trends.tokens_by_strategy(by_strategy, filters.parameters())
    spenders.spenders(filters, now.spend_usd)
    extremes.extremes(extremes.DEAREST, queries.extremes(filters, "cost", extremes.MOST), filters)
    extremes.extremes(extremes.SLOWEST, queries.extremes(filters, "latency", extremes.MOST), filters)
