"""How large the parts of a mode's graph are, and what stands in them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import ceil

from composite_llm.planning.told import Node
from dashboard.plain import line
from dashboard.widgets.mode_graph.picture import Box, Card, Picture

PILL_WIDTH, PILL_HEIGHT = 112.0, 30.0
HEAD, PAD, GAP = 30.0, 10.0, 8.0
CARD_WIDTH, CARD_HEIGHT, ROLE_HEIGHT = 158.0, 28.0, 18.0
MOST_ACROSS, MOST_CARDS = 3, 6
BOX_WIDTH = 220.0
CONDITION_WIDTH, CONDITION_LINE, CHARACTERS = 280.0, 18.0, 26
MOST_LINES = 4
FRAME_HEAD, FRAME_PAD, FRAME_ROOM = 34.0, 18.0, 64.0
"""Of a loop's frame: its upper bar, its sides, and room for the line back."""
BAR = 60.0
PARALLEL = ("fanout", "stage")


def size_of(node: Node, inner: Picture | None) -> Box:
    box = Box(
        node.id,
        _shape(node),
        line(node.name, 60),
        node.kind,
        PILL_WIDTH,
        PILL_HEIGHT,
        final=node.final,
        optional=node.optional,
        condition=line(node.condition, 500),
        max_rounds=node.max_rounds,
    )
    if box.shape == "pill":
        return box
    if inner is not None:
        width = max(inner.width + 2 * FRAME_PAD, CONDITION_WIDTH) + FRAME_ROOM
        return replace(box, width=width, height=FRAME_HEAD + inner.height + BAR)
    if box.shape == "if":
        lines = min(MOST_LINES, ceil(len(box.condition) / CHARACTERS))
        return replace(box, width=CONDITION_WIDTH, height=HEAD + lines * CONDITION_LINE + PAD)
    cards = cards_of(node)
    across = min(MOST_ACROSS, len(cards)) if box.shape == "parallel" else 1
    rows = ceil(len(cards) / across) if cards else 0
    height = HEAD + rows * card_height(cards) + max(0, rows - 1) * GAP + (PAD if rows else 4)
    width = 2 * PAD + across * CARD_WIDTH + (across - 1) * GAP
    return replace(box, cards=cards, across=across, width=max(width, BOX_WIDTH), height=height)


def with_content(box: Box, inner: Picture | None) -> Iterator[Box]:
    """The box, and where it is a loop's frame what stands inside."""
    yield box
    if inner is not None:
        room = box.width - FRAME_ROOM - inner.width
        for part in inner.boxes:
            yield replace(part, x=part.x + box.x + room / 2, y=part.y + box.y + FRAME_HEAD)


def cards_of(node: Node) -> list[Card]:
    """One for each who is asked; where that are many, one for all that are the same."""
    roles = node.roles or [""] * len(node.models)
    asked = [(line(model, 200), line(role, 200)) for model, role in zip(node.models, roles, strict=True)]
    if len(asked) > MOST_CARDS or node.kind not in PARALLEL:
        return [Card(model, role, times) for (model, role), times in Counter(asked).items()]
    return [Card(model, role, 1) for model, role in asked]


def card_height(cards: Sequence[Card]) -> float:
    return CARD_HEIGHT + (ROLE_HEIGHT if any(card.role for card in cards) else 0.0)


def _shape(node: Node) -> str:
    match node.kind:
        case "question" | "answer":
            return "pill"
        case "loop_until":
            return "loop"
        case "if":
            return "if"
        case _:
            return "parallel" if len(node.models) > 1 and node.kind in PARALLEL else "step"
