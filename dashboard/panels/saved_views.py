"""A menu of filters that were kept under a name."""

from typing import Any

import streamlit as st

from composite_llm import settings
from dashboard import saved_views as kept
from dashboard import state
from dashboard.panels.search import OWN, SHARED
from dashboard.plain import in_markdown
from dashboard.saved_views import NotSaved, View

NAME, PROBLEM = "view_name", "view_problem"
ENDS = (state.SINCE, state.UNTIL)


def saved_views() -> None:
    with st.popover("Views", icon=":material/bookmark:", width="content"):
        try:
            views = kept.load(settings.load().data)
        except NotSaved as problem:
            st.error(in_markdown(str(problem), 300))
            return
        for place, (name, view) in enumerate(views.items()):
            _view(place, name, view)
        if not views:
            st.caption("None yet. A view keeps the filters and the order as they are now, under a name.")
        with (
            st.form("save_view", border=False, clear_on_submit=True),
            st.container(horizontal=True, vertical_alignment="bottom", gap="small"),
        ):
            st.text_input("Keep these filters as", key=NAME, max_chars=kept.MOST_LETTERS, width=200)
            st.form_submit_button("Save", on_click=_save)
        if problem := st.session_state.pop(PROBLEM, None):
            st.error(in_markdown(problem, 300))


def _view(place: int, name: str, view: View) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            in_markdown(name, kept.MOST_LETTERS),
            key=f"view_{place}",
            type="tertiary",
            width="stretch",
            on_click=_open,
            args=(view,),
        )
        st.button(
            "",
            key=f"delete_view_{place}",
            icon=":material/delete:",
            type="tertiary",
            help="Delete this view.",
            on_click=_delete,
            args=(name,),
        )


def _now() -> dict[str, Any]:
    """What differs from a list of everything; the window and the origin always, as their defaults may change."""
    values = st.session_state
    chosen = {
        name: values[name]
        for name, everything in {**OWN, **SHARED, state.SORT: "newest"}.items()
        if name in values and (values[name] != everything or name in (state.WINDOW, state.ORIGIN))
    }
    is_custom = chosen.get(state.WINDOW) == state.CUSTOM
    return chosen | ({name: values[name] for name in ENDS if name in values} if is_custom else {})


def _save() -> None:
    try:
        kept.save(settings.load().data, st.session_state[NAME] or "", _now())
    except NotSaved as problem:
        st.session_state[PROBLEM] = str(problem)


def _delete(name: str) -> None:
    try:
        kept.delete(settings.load().data, name)
    except NotSaved as problem:
        st.session_state[PROBLEM] = str(problem)


def _open(view: View) -> None:
    """The file is anybody's who can write to the folder: what is not of its filter's kind lets everything through."""
    for name, everything in {**OWN, **SHARED, state.SORT: "newest"}.items():
        value = view.get(name, everything)
        st.session_state[name] = value if _fits(name, value, everything) else everything
    st.session_state[state.PAGE] = 1
    for name in ENDS:
        if isinstance(view.get(name), str):
            st.session_state[name] = view[name]


def _fits(name: str, value: Any, everything: Any) -> bool:
    allowed = {
        state.WINDOW: (*state.WINDOWS, state.CUSTOM),
        state.ORIGIN: state.ORIGINS,
        state.SORT: tuple(state.SORTS),
        state.STATUS: (None, *state.STATUSES),
    }
    if name in allowed:
        return value in allowed[name]
    if everything is None:
        return value is None or isinstance(value, str)
    if isinstance(everything, list):
        return isinstance(value, list) and all(isinstance(each, str) for each in value)
    if isinstance(everything, float):
        return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
    return type(value) is type(everything)
