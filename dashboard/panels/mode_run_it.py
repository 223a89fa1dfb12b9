"""How a mode is run: from a shell, from Python, and without keys."""

import shlex

import streamlit as st

from composite_llm.planning.told import Mode
from dashboard import estimates
from dashboard.plain import line

QUESTION = "Why is the sky blue?"


def mode_run_it(mode: Mode) -> None:
    """For modes that can be used here."""
    with st.container(border=True):
        st.subheader("How to run it", anchor=False)
        if mode.estimate:
            st.caption(
                f"A typical request makes {estimates.calls(mode.estimate)} calls and costs {_cost(mode)}."
            )
        st.code(command(mode), language="bash", wrap_lines=True)
        st.code(program(mode), language="python", wrap_lines=True)
        st.caption(
            "With COMPOSITE_LLM_SIMULATE=1 before the command an offline simulator answers: no keys, nothing billed, "
            "costs as if."
        )


def _cost(mode: Mode) -> str:
    return estimates.cost(mode.estimate).replace("$", "\\$")


def command(mode: Mode) -> str:
    flag = "--mode" if mode.kind == "strategy" else "--profile"
    return f"composite-llm ask {flag} {shlex.quote(line(mode.name, 200))} {shlex.quote(QUESTION)}"


def program(mode: Mode) -> str:
    return (
        "import composite_llm, litellm\n\n"
        "composite_llm.register()\n"
        "litellm.completion(\n"
        f"    model={line(mode.model, 300)!r},\n"
        f'    messages=[{{"role": "user", "content": {QUESTION!r}}}],\n'
        ")"
    )
