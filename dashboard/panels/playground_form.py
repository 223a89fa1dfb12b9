"""What is asked, of which mode and which models, and how far it may go."""

import os
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from composite_llm.planning.told import Catalogue, Mode
from dashboard import queries
from dashboard.plain import in_markdown, line
from dashboard.playground.asked import Asked

SIMULATOR, REAL = "The simulator", "Real models"
KEYS = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY")
SUGGESTED = (
    "openai/gpt-4o-mini",
    "openai/gpt-4o",
    "anthropic/claude-haiku-4-5",
    "anthropic/claude-sonnet-4-5",
    "gemini/gemini-2.5-flash",
)
MEMBERS: Mapping[str, str] = {
    "proposers": "Proposers",
    "council_models": "Council members",
    "panel": "Panel",
    "candidates": "Candidates",
    "agent_models": "Debaters",
}
"""Parameters that hold a strategy's members, and what they are called."""
FIRST_MODE, FIRST_BASE = "moa", "openai/gpt-4o"
MODE, BY, QUESTION = "playground_mode", "playground_by", "playground_question"
BASE, SYSTEM = "playground_base", "playground_system"


def form(catalogue: Catalogue) -> Asked:
    st.text_area(
        "Question",
        key=QUESTION,
        height=110,
        placeholder="Why is the sky blue?",
        persist_state="session",
        max_chars=50_000,
    )
    modes = [mode for mode in catalogue.modes if mode.kind != "broken" and mode.name != "composer-cli"]
    names = [mode.name for mode in modes]
    with st.grid(2, min_column_width=300, gap="small"):
        name = st.selectbox(
            "Mode",
            names,
            names.index(FIRST_MODE) if FIRST_MODE in names else 0,
            key=MODE,
            bind="query-params",
            format_func=lambda name: line(name, 60),
            help="A strategy, or a profile that names its own models.",
        )
        by = st.segmented_control(
            "Answered by",
            [SIMULATOR, REAL],
            default=REAL if any(os.environ.get(key) for key in KEYS) else SIMULATOR,
            required=True,
            key=BY,
            persist_state="session",
            help="The simulator answers offline: nothing is billed, and costs are what the real models charge.",
        )
    mode = modes[names.index(name)]
    base, members = _models(mode)
    return _asked(mode, base, members, simulate=by == SIMULATOR)


def _models(mode: Mode) -> tuple[str, dict[str, list[str]]]:
    """Of a strategy. A profile names its own."""
    if mode.kind != "strategy":
        st.caption(
            f"Its profile names its models; the last word has {in_markdown(mode.base_model or 'its final step')}."
        )
        return "", {}
    known = list(dict.fromkeys([*SUGGESTED, *(name.removeprefix("sim/") for name in queries.models())]))
    wanted = [(name, label) for name, label in MEMBERS.items() if name in dict(mode.parameters)]
    left, right = st.columns([1, 2])
    with left:
        base = st.selectbox(
            "Model of the last call" if wanted else "Model",
            known,
            known.index(FIRST_BASE),
            key=BASE,
            accept_new_options=True,
            persist_state="session",
            help="Any name that LiteLLM knows: type it.",
        )
    with right:
        members = {name: _members(name, label, known) for name, label in wanted}
    return base or known[0], members


def _members(name: str, label: str, known: Sequence[str]) -> list[str]:
    return st.multiselect(
        label,
        known,
        [known[0], known[3], known[4]],
        key=f"playground_{name}",
        accept_new_options=True,
        persist_state="session",
        help="Type `openai/gpt-4o-mini × 3` to ask one model several times.",
    )


def _asked(mode: Mode, base: str, members: Mapping[str, list[str]], *, simulate: bool) -> Asked:
    with st.expander("Limits and system prompt"):
        with st.grid(3, min_column_width=160, gap="small"):
            dollars = st.number_input(
                "Most US dollars",
                0.0,
                value=None,
                step=0.01,
                format="%.4f",
                key="playground_usd",
                placeholder="no limit",
                help="No call is sent that might go beyond it.",
            )
            calls = st.number_input(
                "Most calls",
                1,
                1000,
                value=None,
                key="playground_calls",
                placeholder="no limit",
                help="Attempts: one that is tried again counts twice.",
            )
            seconds = st.number_input(
                "Most seconds",
                1,
                3600,
                value=None,
                key="playground_seconds",
                placeholder="600",
                help="For the whole request.",
            )
        system = st.text_area("System prompt", key=SYSTEM, height=80, persist_state="session")
    parameters: dict[str, Any] = {name: models for name, models in members.items() if models}
    parameters |= {"max_cost_usd": dollars} if dollars else {}
    parameters |= {"max_calls": int(calls)} if calls else {}
    model = f"composite/{mode.name}/{base}" if mode.kind == "strategy" else f"composite/{mode.name}"
    return Asked(
        model=model,
        question=st.session_state.get(QUESTION) or "",
        system=system or "",
        parameters=parameters,
        timeout_s=float(seconds) if seconds else None,
        simulate=simulate,
        base_model=base or mode.base_model,
    )


def plain_call(of: Asked, model: str) -> Asked:
    """The same question to one model, once: what a composite has to beat."""
    limits = {name: value for name, value in of.parameters.items() if name in ("max_cost_usd",)}
    return Asked(f"composite/direct/{model}", of.question, of.system, limits, of.timeout_s, of.simulate)
