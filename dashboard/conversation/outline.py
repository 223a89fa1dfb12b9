"""A run as blocks to read one after the other: a stage, a node of a recursion, a composite inside another one.

Only what is recorded decides: the kinds of spans, and who is whose parent. A block names rows of the run's table and
holds no text, so that a page of blocks reads the texts of its own rows alone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from composite_llm import conventions as c
from dashboard.folding import parents_of
from dashboard.naming import columns_of
from dashboard.run import Run

Kind = Literal["request", "stage", "node", "other"]

BLOCKS: dict[str | None, Kind] = {c.REQUEST: "request", c.STAGE: "stage", c.RLM_NODE: "node"}
ANSWERING = ("propose", "deliberate")
"""The stages whose answers a later one may choose from."""
MOST_ROWS = 24
"""Of a page: as many cards as one still reads through."""


@dataclass(slots=True)
class Block:
    row: int | None
    """Of the span that the block is about; None for what stands under no such span."""
    kind: Kind
    items: list[int] = field(default_factory=list[int])
    """Calls, tools, thoughts and cells directly in it, in order of time."""
    within: dict[int, list[int]] = field(default_factory=dict[int, list[int]])
    """The calls that a cell's code made, by the cell."""
    judged_by: int | None = None
    """The stage after it, which may say whose answer was chosen, and how good each one is."""

    def rows(self) -> list[int]:
        """All rows it shows, without the stage that judges it."""
        own = [] if self.row is None else [self.row]
        return [*own, *self.items, *(row for rows in self.within.values() for row in rows)]


@dataclass(frozen=True, slots=True)
class Page:
    blocks: list[Block]
    number: int
    pages: int


def outline(run: Run) -> list[Block]:
    """Blocks in the order of the tree; those that hold nothing to show but themselves, too."""
    parents = parents_of(run.spans["depth"].to_pylist())
    types: list[str | None] = run.spans["span_type"].to_pylist()
    if not any(kind in BLOCKS for kind in types):
        return _plain(run, parents)
    shown = _shown(run)
    blocks: dict[int | None, Block] = {}
    holder: list[int | None] = []
    for row, (parent, kind) in enumerate(zip(parents, types, strict=True)):
        above = holder[parent] if parent >= 0 else None
        if kind in BLOCKS:
            blocks[row] = Block(row, BLOCKS[kind])
            holder.append(row)
            continue
        holder.append(above)
        if parent >= 0 and types[parent] == c.REPL_EXEC:
            blocks[above].within.setdefault(parent, []).append(row)
        elif kind is not None or shown[row]:
            blocks.setdefault(above, Block(None, "other")).items.append(row)
    _connect(run, blocks, parents)
    first_loose = blocks.pop(None, None)
    ordered = [blocks[row] for row in sorted(row for row in blocks if row is not None)]
    return [*ordered, *([first_loose] if first_loose else [])]


def page_of(blocks: Sequence[Block], number: int, showing: int | None = None) -> Page:
    """The `number`th page; with `showing` the page that shows this row, where no number is asked for (0)."""
    pages = _pages(blocks)
    if number < 1:
        holding = (at for at, page in enumerate(pages, 1) if any(showing in block.rows() for block in page))
        number = next(holding, 1) if showing is not None else 1
    number = min(number, len(pages))
    return Page(list(pages[number - 1]), number, len(pages))


def _pages(blocks: Sequence[Block]) -> list[list[Block]]:
    """As many blocks as have room together. A block that has more rows than a page is parted."""
    pages: list[list[Block]] = [[]]
    room = MOST_ROWS
    for block in (part for whole in blocks for part in _parted(whole)):
        size = len(block.rows())
        if pages[-1] and size > room:
            pages.append([])
            room = MOST_ROWS
        pages[-1].append(block)
        room -= size
    return pages


def _parted(block: Block) -> Iterable[Block]:
    if len(block.rows()) <= MOST_ROWS:
        return [block]
    parts: list[Block] = []
    for row in block.items:
        inside = block.within.get(row, [])
        if not parts or len(parts[-1].rows()) + 1 + min(len(inside), MOST_ROWS) > MOST_ROWS:
            parts.append(Block(block.row, block.kind, judged_by=block.judged_by))
        parts[-1].items.append(row)
        if inside:
            # A cell that made a thousand calls says so; they are all in the table of spans.
            parts[-1].within[row] = inside[:MOST_ROWS]
    return parts


def _shown(run: Run) -> list[bool]:
    """Of spans that no composite made: calls, and what has nothing below it."""
    depths = [*run.spans["depth"].to_pylist(), 0]
    calls = run.spans["is_llm_call"].to_pylist()
    return [call or depths[row + 1] <= depths[row] for row, call in enumerate(calls)]


def _plain(run: Run, parents: Sequence[int]) -> list[Block]:
    """A trace of other libraries: its roots, and what is shown of it, in order of time."""
    starts = run.spans["start_ms"].to_pylist()
    items = [row for row, shown in enumerate(_shown(run)) if shown or parents[row] < 0]
    return [Block(None, "other", sorted(items, key=lambda row: (starts[row], row)))] if items else []


def _connect(run: Run, blocks: dict[int | None, Block], parents: Sequence[int]) -> None:
    """The stage that follows one with answers, under the same parent, may have chosen among them."""
    stages = dict(enumerate(columns_of(run.spans, "stage_kind", "start_ms")))
    last: dict[int, int] = {}
    for row in sorted((row for row in blocks if row is not None), key=lambda row: (stages[row][1], row)):
        block = blocks[row]
        if block.kind != "stage":
            continue
        before = last.get(parents[row])
        if before is not None and stages[before][0] in ANSWERING:
            blocks[before].judged_by = row
        last[parents[row]] = row
