"""What a page says when there is nothing to show, or when its numbers need a word."""

import streamlit as st

from dashboard import fmt, state
from dashboard.answers import Totals

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
        st.write("No run began in this window with these strategies and this origin.")
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


def unpriced(calls: int) -> None:
    if calls:
        it_is = "it is" if calls == 1 else "they are"
        st.warning(
            f"The cost of {fmt.plural(calls, 'call')} is not known: {it_is} left out of spend, which is a lower bound. "
            "An agent that used more than its recorded calls counts as a call here.",
            icon=":material/price_change:",
        )


def _show_all() -> None:
    st.session_state[state.WINDOW] = "all"
    st.session_state[state.STRATEGIES] = []
    st.session_state[state.ORIGIN] = "all"
