"""What a page says when there is nothing to show, or when its numbers need a word."""

from collections.abc import Iterator

import streamlit as st

from collector.monitoring.health import Health
from dashboard import fmt, state
from dashboard.answers import Totals

MEANING = (
    "Sums of this page are at least what they say: something that counts is not in them. An agent that used more than "
    "its recorded calls counts as a call without a known cost."
)
RECORD_ONE = 'composite-llm ask --mode moa "Why is the sky blue?"'


def no_traces() -> None:
    """The store is empty."""
    with st.container(border=True):
        st.subheader("No traces yet")
        st.write("Record one with this command; without API keys it says so and uses the offline simulator:")
        st.code(RECORD_ONE, language="bash")
        st.write("Or in Python, after which every `composite/…` model is traced:")
        st.code(
            "import composite_llm, litellm\n\n"
            "composite_llm.register()\n"
            "litellm.completion(\n"
            '    model="composite/moa/openai/gpt-4o",\n'
            '    proposers=["openai/gpt-4o-mini", "gemini/gemini-2.5-flash"],\n'
            '    messages=[{"role": "user", "content": "Why is the sky blue?"}],\n'
            ")",
            language="python",
        )


def no_runs_in_window(filters: state.Filters) -> None:
    """The store has runs, the filters let none through."""
    with st.container(border=True):
        st.subheader("No runs match")
        st.write("No run began in this window that passes the filters on the left.")
        st.button("Show all runs", on_click=_show_all, disabled=filters == state.Filters(0, filters.until_ns))


def simulated(totals: Totals) -> None:
    simulated_among(totals.simulated_runs, totals.runs)


def simulated_among(simulated_runs: int, runs: int) -> None:
    if not simulated_runs:
        return
    which = "nothing was billed" if simulated_runs == runs else "nothing was billed for them"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.badge("simulated", color="orange", icon=":material/science:")
        st.caption(
            f"{simulated_runs:,} of {fmt.plural(runs, 'run')} "
            f"{'is' if simulated_runs == 1 else 'are'} simulated: {which}."
        )


def lower_bounds(totals: Totals, health: Health) -> None:
    """A strip that says why numbers are lower bounds, and nothing where they are not."""
    if not (reasons := [*_reasons(totals, health)]):
        return
    with st.container(border=True, gap="xsmall"):
        for reason in reasons:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.badge("lower bound", color="orange", icon=":material/warning:")
                st.caption(reason, width="stretch", help=MEANING)
                st.page_link(state.DIAGNOSTICS_PAGE, label="Diagnostics", icon=":material/arrow_forward:")


def _reasons(totals: Totals, health: Health) -> Iterator[str]:
    if calls := totals.unpriced_calls:
        yield f"The cost of {fmt.plural(calls, 'call')} is not known: {_it_is(calls)} left out of spend."
    if runs := totals.unfinished_runs:
        yield f"The root of {fmt.plural(runs, 'run')} has not arrived: {_it_is(runs)} still running, or cut off."
    if lost := health.spans_lost:
        yield f"Programs had to drop {fmt.plural(lost, 'span')}, of whatever window, before they could be sent."
    if rejected := health.spans_rejected:
        yield f"The collector has rejected {fmt.plural(rejected, 'span')}, of whatever window, since it started."
    if waiting := health.spool_files:
        yield f"Not landed yet: {fmt.plural(waiting, 'spooled file')} of spans."
    if aside := health.spool_set_aside:
        yield f"Kept aside, since what they hold could not be stored: {fmt.plural(aside, 'spooled file')}."


def _it_is(number: int) -> str:
    return "it is" if number == 1 else "they are"


def _show_all() -> None:
    st.session_state[state.WINDOW] = "all"
    st.session_state[state.STRATEGIES] = []
    st.session_state[state.ORIGIN] = "all"
