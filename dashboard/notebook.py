"""A run as HTML for a notebook: one table with the figures of every call, and its time drawn beside it.

It brings no script and asks for nothing. Text takes the colour of the page around it and the rest lies between
light and dark, so that it reads on both, whichever notebook shows it. Styles are inline, since many places that
show notebooks drop style sheets. ElementTree writes the HTML, so nothing that came in a span can become markup.
"""

from collections.abc import Iterable, Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

from composite_llm.accounting.receipts import Receipt
from dashboard import fmt, palette
from dashboard.facts import Fact, critical_steps, receipt_facts, receipt_notes, run_facts, run_notes
from dashboard.lines import Line, errors_said, receipt_lines, run_lines
from dashboard.plain import line
from dashboard.run import Run

MOST_ROWS = 100
MOST_ERRORS, MOST_NAMES = 5, 4
INDENT, DEEPEST = 16, 10
UNITS = 1000
"""The width of a timeline, whatever room it is given."""
VISIBLE = 0.002
LONGEST = 1000

BOX = "max-width:1100px;font:13px/1.5 system-ui,sans-serif;color:inherit;text-align:left"
MUTED = "opacity:.65"
AMBER = "#BF7A0A"
RULE = "1px solid rgba(128,128,128,.28)"
TABLE = f"width:100%;margin:10px 0 6px;border-collapse:collapse;border:0;table-layout:auto;font-size:13px;border-bottom:{RULE}"
ROW = f"background:transparent;border-top:{RULE}"
CELL = "padding:3px 14px 3px 0;white-space:nowrap;text-align:left;vertical-align:middle"
FIGURE = f"{CELL};text-align:right;font-variant-numeric:tabular-nums"
TIMELINE = "padding:3px 0;width:45%;min-width:180px;vertical-align:middle"


def as_html(run: Run | None, receipt: Receipt | None, problem: str = "") -> str:
    """The run where it is stored, else the receipt, else the problem alone."""
    box = Element("div", style=BOX)
    if run:
        _run(box, run)
    elif receipt:
        _receipt(box, receipt)
    if problem:
        _paragraph(box, problem, f"color:{AMBER}", role="status")
    return tostring(box, encoding="unicode", method="html").encode("utf-8", "replace").decode()


def _run(box: Element, run: Run) -> None:
    summary = run.summary
    lines = run_lines(run, most=MOST_ROWS)
    _head(box, summary.model_name or summary.root_name, summary.question, run_facts(run))
    _table(box, lines, f"Spans of run {summary.trace_id}", whole=fmt.duration(summary.latency_ms))
    if steps := critical_steps(run):
        share = fmt.share(run.critical_model_ms, summary.latency_ms)
        _paragraph(box, f"Critical path, the solid bars: {' → '.join(steps)}. Models: {share}.", MUTED)
    if hidden := sum(row.hidden for row in lines):
        _paragraph(box, f"{fmt.plural(hidden, 'span')} folded away; the dashboard shows them all.", MUTED)
    _errors(box, lines)
    _notes(box, run_notes(run), summary.trace_id)


def _receipt(box: Element, receipt: Receipt) -> None:
    _head(box, receipt.model, None, receipt_facts(receipt))
    lines = list(receipt_lines(receipt))
    _table(box, lines, f"Calls of run {receipt.trace_id}")
    _errors(box, lines)
    _notes(box, receipt_notes(receipt), receipt.trace_id)


def _head(box: Element, title: str, question: str | None, facts: Iterable[Fact]) -> None:
    _paragraph(box, title, "font-weight:600;font-size:14px")
    if question:
        _paragraph(box, line(question, 300), "")
    figures = SubElement(box, "div", style="display:flex;flex-wrap:wrap;gap:2px 22px;margin-top:6px")
    for fact in facts:
        figure = SubElement(figures, "span")
        _span(figure, f"{fact.label} ", MUTED)
        _span(figure, fact.value, "font-weight:600;font-variant-numeric:tabular-nums")


def _table(box: Element, lines: Sequence[Line], name: str, whole: str = "") -> None:
    with_bars = any(line.stretch for line in lines)
    table = SubElement(box, "table", {"style": TABLE, "aria-label": name})
    head = SubElement(SubElement(table, "thead"), "tr", style="background:transparent")
    for text, style in (
        ("span" if with_bars else "call", CELL),
        ("model", CELL),
        *((figure, FIGURE) for figure in ("in", "out", "time", "cost")),
    ):
        _cell(head, text, f"{style};font-weight:400;{MUTED}", tag="th").set("scope", "col")
    if with_bars:
        axis = _cell(head, "", f"{TIMELINE};font-weight:400;{MUTED}", tag="th")
        axis.set("scope", "col")
        scale = SubElement(axis, "div", style="display:flex;justify-content:space-between")
        _span(scale, "0", "")
        _span(scale, whole, "")
    body = SubElement(table, "tbody")
    for row in lines:
        _row(SubElement(body, "tr", style=ROW), row, with_bars=with_bars)


def _row(tr: Element, row: Line, *, with_bars: bool) -> None:
    name = _cell(tr, "", f"{CELL};padding-left:{INDENT * min(row.depth, DEEPEST)}px")
    weight = "" if row.is_call else MUTED if row.hidden else "font-weight:600"
    _span(name, row.name, weight)
    if row.note:
        _span(name, f" · {row.note}", f"color:{palette.ERROR if row.error else AMBER}")
    model = _cell(tr, "" if row.is_call else row.model, CELL)
    if row.is_call and row.model:
        dot = f"display:inline-block;width:8px;height:8px;border-radius:2px;margin-right:6px;background:{row.colour}"
        SubElement(model, "span", {"style": dot, "aria-hidden": "true"}).tail = row.model
    for figure in (row.input_tokens, row.output_tokens, row.duration, row.cost):
        _cell(tr, figure, FIGURE)
    if with_bars:
        _bar(_cell(tr, "", TIMELINE), row)


def _bar(cell: Element, row: Line) -> None:
    """A pale bar while the span is open, solid where the run as a whole waited for it."""
    if row.stretch is None:
        return
    said = f"{row.name}: {row.duration}" + (", on the critical path" if row.critical else "")
    size = {"viewBox": f"0 0 {UNITS} 14", "preserveAspectRatio": "none", "width": "100%", "height": "14"}
    svg = SubElement(cell, "svg", {**size, "role": "img", "aria-label": said, "style": "display:block"})
    SubElement(svg, "title").text = said
    colour = palette.ERROR if row.error else row.colour
    top, height = (2, 10) if row.is_call else (5, 4)
    _stretch(svg, row.stretch, top, height, colour, opacity=".75" if row.error else ".42")
    for stretch in row.critical:
        if stretch[1] - stretch[0] > VISIBLE:
            _stretch(svg, stretch, top, height, colour, opacity="1")


def _stretch(
    svg: Element, stretch: tuple[float, float], top: int, height: int, colour: str, *, opacity: str
) -> None:
    left = min(stretch[0] * UNITS, UNITS - 3)
    width = max(3.0, stretch[1] * UNITS - left)
    shape = {"x": f"{left:.1f}", "y": str(top), "width": f"{width:.1f}", "height": str(height)}
    SubElement(svg, "rect", {**shape, "fill": colour, "fill-opacity": opacity})


def _errors(box: Element, lines: Sequence[Line]) -> None:
    for error, names in list(errors_said(lines).items())[:MOST_ERRORS]:
        _paragraph(box, f"{', '.join(names[:MOST_NAMES])}: {error}", f"color:{palette.ERROR}")


def _notes(box: Element, notes: Iterable[str], trace_id: str) -> None:
    for note in notes:
        _paragraph(box, note, f"color:{AMBER}")
    _paragraph(box, f"trace {trace_id}", f"{MUTED};font-family:ui-monospace,monospace;font-size:12px")


def _paragraph(parent: Element, text: str, style: str, **attributes: str) -> None:
    SubElement(parent, "div", {"style": style, **attributes}).text = line(text, LONGEST)


def _span(parent: Element, text: str, style: str) -> None:
    SubElement(parent, "span", style=style).text = text


def _cell(tr: Element, text: str, style: str, *, tag: str = "td") -> Element:
    cell = SubElement(tr, tag, style=style)
    cell.text = text
    return cell
