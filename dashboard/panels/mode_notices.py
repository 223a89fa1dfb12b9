"""What is said about the list of modes as a whole: what is being read, and what cannot be used."""

import streamlit as st

from composite_llm.planning.told import Catalogue
from dashboard import catalogue_reader, fmt
from dashboard.plain import in_markdown

BEAT = "0.5s"


@st.fragment(run_every=BEAT)
def reading(first: bool) -> None:
    """Until it is done; the page is then drawn again."""
    if not catalogue_reader.known().is_reading:
        st.rerun()
    st.caption(
        ":material/hourglass_top: Reading profiles and prices; the first time takes some seconds."
        if first
        else ":material/hourglass_top: A profile has changed: reading it again."
    )


def failed(why: str) -> None:
    st.error("The modes could not be read.", icon=":material/error:")
    st.text(why)
    st.button("Try again", type="primary", icon=":material/refresh:", on_click=catalogue_reader.again)


def unusable(catalogue: Catalogue) -> None:
    """Every mistake with its file, line and field, as text."""
    broken = [mode for mode in catalogue.modes if mode.kind == "broken"]
    said = [*catalogue.problems, *(problem for mode in broken for problem in mode.problems)]
    if said:
        st.warning(
            f"{fmt.plural(len(said), 'problem')} in profiles. Those concerned cannot be used until they are mended; "
            "all others can.",
            icon=":material/edit_document:",
        )
        st.code("\n".join(said), language=None, wrap_lines=True)


def typical(catalogue: Catalogue) -> None:
    size = catalogue.typical_request
    st.caption(
        f"A typical request has {size['question']} tokens of question and {size['answer']} of each answer. Its cost "
        "is by LiteLLM's price table, without retries. In the formulas of strategies N are members, M reviewers. "
        "Runs, cost and latency are of the window on the left; runs of a profile count for the profile alone."
    )


def unpriced(models: list[str]) -> None:
    if models:
        named = ", ".join(in_markdown(model, 80) for model in models[:6])
        st.warning(
            f"No price is known for {named}: what is estimated leaves it out.", icon=":material/price_change:"
        )
