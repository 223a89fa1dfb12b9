"""What was said in a run, stage after stage: answers side by side, and what was made of them."""

from collections.abc import Callable, Sequence

import streamlit as st

from composite_llm import conventions as c
from dashboard import fmt, queries, state
from dashboard.content import messages
from dashboard.conversation.found import attributes_of
from dashboard.conversation.outline import Block, Page, outline, page_of
from dashboard.conversation.verdicts import remarks
from dashboard.panels.answer_card import Reading, answer_card, foreign_card
from dashboard.panels.found import found
from dashboard.panels.missing_content import why_content_is_missing
from dashboard.panels.texts import READ, all_messages, long_text
from dashboard.plain import in_markdown
from dashboard.run import Run

INPUTS_READ = (c.THINK_STEP, c.REPL_EXEC, c.TOOL, c.GREP, c.READ_LINES, c.REQUEST)
"""Kinds of spans whose input is part of the conversation; what a call was asked is fetched when it is looked at."""
SIDE_BY_SIDE = 3


def conversation(run: Run, selected: str | None, *, on_picked: Callable[[str], None]) -> None:
    blocks = _outline(run.revision, run)
    if not blocks:
        st.caption("This trace has no spans yet.")
        return
    chosen = _page_asked()
    page = page_of(blocks, chosen, run.row_of.get(selected or ""))
    reading = Reading(run, _texts(run, page), on_picked, why_content_is_missing())
    _pages(page)
    before = []
    for block in page.blocks:
        if block.kind == "other" and block.row is None:
            for row in block.items:
                before = foreign_card(reading, row, before)
        else:
            _block(reading, block)
    if page.pages > 1 and page.number < page.pages:
        st.caption(f"Part {page.number} of {page.pages}. The next part follows on the next page, above.")


@st.cache_resource(max_entries=16, show_spinner=False)
def _outline(revision: str, _run: Run) -> list[Block]:
    return outline(_run)


def _page_asked() -> int:
    """0 where the address names none."""
    asked = st.query_params.get(state.PART, "")
    return int(asked) if asked.isdecimal() and len(asked) < 7 else 0


def _pages(page: Page) -> None:
    if page.pages == 1:
        return
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption(f"Part {page.number} of {page.pages}, in order of time.", width="content")
        # By hand and not bound: the address may also name a span, which decides where to begin.
        key = f"conversation_part_{page.number}"
        st.pagination(page.pages, default=page.number, key=key, on_change=_turn, args=(key,))


def _turn(key: str) -> None:
    st.query_params[state.PART] = str(st.session_state[key])


def _texts(run: Run, page: Page) -> dict[str, queries.SpanContent]:
    """Of all that the page shows, and of the stages that judged it; inputs of what has none to show are not read."""
    rows = {row for block in page.blocks for row in block.rows()}
    rows |= {block.judged_by for block in page.blocks if block.judged_by is not None}
    types, ids = run.spans["span_type"].to_pylist(), run.spans["span_id"].to_pylist()
    read = {row for row in rows if types[row] in INPUTS_READ}
    read |= {row for block in page.blocks if block.row is None for row in block.items}
    said: dict[str, queries.SpanContent] = {}
    for wanted, most_input in ((read, READ), (rows - read, 0)):
        if wanted:
            said |= queries.span_contents(
                run.summary.trace_id,
                [ids[row] for row in sorted(wanted)],
                most_input=most_input,
                most_output=READ,
            )
    return said


def _block(reading: Reading, block: Block) -> None:
    assert block.row is not None
    content = reading.of(block.row)
    attributes = attributes_of(content.attributes) if content else {}
    _heading(reading, block)
    if block.kind == "request":
        _asked_and_answered(reading, block.row)
    found(attributes, _names_before(reading.run, block))
    said = _remarks_on(reading, block)
    answers = [row for row in block.items if reading.run.span(row)["is_llm_call"]]
    if len(answers) == len(block.items) > 1:
        with st.grid(SIDE_BY_SIDE, min_column_width=250, gap="small"):
            for row in answers:
                answer_card(reading, row, said.get(_index(reading.run, row), ()))
        return
    thoughts = 0
    for row in block.items:
        is_thought = reading.run.span(row)["span_type"] == c.THINK_STEP
        thoughts += is_thought
        called = f"thought {thoughts}" if is_thought else ""
        answer_card(reading, row, said.get(_index(reading.run, row), ()), numbered=called)
        if inside := block.within.get(row):
            _sub_calls(reading, inside)


def _heading(reading: Reading, block: Block) -> None:
    assert block.row is not None
    span = reading.run.span(block.row)
    cost = reading.run.cost_texts[block.row]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader(in_markdown(_title(reading.run, block), 80), anchor=False, width="content")
        st.caption(
            " · ".join(part for part in (fmt.duration(span["duration_ms"]), in_markdown(cost)) if part),
            width="content",
        )
        if span["status"] == "error":
            st.badge("failed", color="red", icon=":material/error:")


def _title(run: Run, block: Block) -> str:
    assert block.row is not None
    span, name = run.span(block.row), run.names[block.row]
    if block.kind == "request":
        return name if span["depth"] == 0 else f"{name}, inside"
    return span["stage_name"] or name if block.kind == "stage" else name


def _asked_and_answered(reading: Reading, row: int) -> None:
    content = reading.of(row)
    span_id = reading.run.spans["span_id"][row].as_py()
    with st.grid(2, min_column_width=400, gap="small"):
        for label, text, chars in (
            ("Asked", content and content.input_text, content and content.input_chars),
            ("Answered", content and content.output_text, content and content.output_chars),
        ):
            with st.container(border=True):
                st.markdown(f"**{label}**")
                if not text:
                    st.caption(f"Nothing was recorded. {reading.missing}")
                elif (chars or 0) > READ:
                    long_text(text, key=f"{label}-{span_id}", chars=chars, whole=_whole(reading, row, label))
                else:
                    all_messages(messages(text), key=f"{label}-{span_id}")


def _whole(reading: Reading, row: int, label: str) -> Callable[[], str]:
    def fetched() -> str:
        span_id = reading.run.spans["span_id"][row].as_py()
        detail = queries.span_detail(reading.run.summary.trace_id, span_id)
        return ((detail.input_value if label == "Asked" else detail.output_value) or "") if detail else ""

    return fetched


def _sub_calls(reading: Reading, rows: Sequence[int]) -> None:
    """Folded: a cell may ask a hundred times, and what it made of the answers is what it printed."""
    made = f"The code made {fmt.plural(len(rows), 'call')}"
    with st.expander(made, type="compact"), st.grid(SIDE_BY_SIDE, min_column_width=250, gap="small"):
        for row in rows:
            answer_card(reading, row)


def _remarks_on(reading: Reading, block: Block) -> dict[int, list[str]]:
    if block.judged_by is None:
        return {}
    content = reading.of(block.judged_by)
    return remarks(attributes_of(content.attributes)) if content else {}


def _names_before(run: Run, block: Block) -> dict[int, str]:
    """What the members are called whose answers this stage judged."""
    judged = next((each for each in _outline(run.revision, run) if each.judged_by == block.row), None)
    rows = judged.items if judged else []
    return {_index(run, row): f"{run.names[row]} · {_model(run, row)}" for row in rows}


def _model(run: Run, row: int) -> str:
    model = run.spans["model"][row].as_py() or ""
    return run.model_labels.get(model, model)


def _index(run: Run, row: int) -> int:
    index = run.spans["call_index"][row].as_py()
    return -1 if index is None else index
