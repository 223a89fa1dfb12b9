"""Where the parts of a mode's graph stand. Numbers follow from the sizes in boxes.py and the gaps in placing.py."""

from hypothesis import given, settings
from hypothesis import strategies as st

from composite_llm.planning.told import Drawing, Edge, Node
from dashboard.widgets.mode_graph.layout import picture_of
from dashboard.widgets.mode_graph.ranks import ranked

QUESTION = Node("question", "question", "question", name="question")


def node(name, kind="base_call", models=("openai/gpt-4o",), inside=None, **more):
    return Node(f"{inside}.{name}" if inside else name, name, kind, models, inside, name=name, **more)


def boxes(picture):
    return {box.id: box for box in picture.boxes}


def test_a_fan_out_is_one_card_an_expert_side_by_side():
    """Three cards of 158 with gaps of 8 and a margin of 10: 510 wide; the writer's box 220, below its middle."""
    roles = ["You doubt.", "", ""]
    fan = node("fan", "fanout", ["a/x", "a/x", "b/y"], roles=roles)
    picture = picture_of(
        Drawing(
            [QUESTION, fan, node("answer", "synthesize", final=True)],
            [Edge("question", "fan"), Edge("fan", "answer")],
        )
    )

    drawn = boxes(picture)
    assert [(card.model, card.role, card.times) for card in drawn["fan"].cards] == [
        ("a/x", "You doubt.", 1),
        ("a/x", "", 1),
        ("b/y", "", 1),
    ]
    assert (drawn["fan"].shape, drawn["fan"].across) == ("parallel", 3)
    assert (drawn["fan"].width, picture.width) == (510, 510)
    assert (drawn["answer"].x, drawn["answer"].width) == (145, 220)
    # Pill 30, gap 34, fan-out 30 + 46 + 10, gap, step 30 + 28 + 10, gap, pill.
    assert [drawn[name].y for name in ("question", "fan", "answer", "(answer)")] == [0, 64, 184, 286]
    assert picture.height == 316


def test_many_of_the_same_are_one_card_with_their_number():
    drawing = Drawing([QUESTION, node("fan", "fanout", ["a/x"] * 8)], [Edge("question", "fan")])

    [card] = boxes(picture_of(drawing))["fan"].cards
    assert (card.model, card.times) == ("a/x", 8)


def test_branches_are_labelled_and_a_condition_is_drawn_apart():
    nodes = [
        QUESTION,
        node("vote"),
        node("other", optional=True),
        node("answer", "if", (), condition="vote.count >= 2"),
    ]
    edges = [
        Edge("question", "vote"),
        Edge("question", "other"),
        Edge("vote", "answer", "then"),
        Edge("other", "answer", "else"),
        Edge("vote", "answer", "condition"),
    ]
    picture = picture_of(Drawing(nodes, edges))

    assert [(line.label, line.style) for line in picture.lines] == [
        ("", "reads"),
        ("", "reads"),
        ("condition, then", "branch"),
        ("else", "branch"),
    ]
    drawn = boxes(picture)
    assert (drawn["answer"].shape, drawn["answer"].condition) == ("if", "vote.count >= 2")
    assert drawn["other"].optional
    assert drawn["vote"].y == drawn["other"].y


def test_each_of_several_ways_leads_to_the_answer():
    """One line from the question to each, and one from each to the answer: four."""
    ways = [node("cheap", final=True, optional=True), node("dear", final=True, optional=True)]
    picture = picture_of(Drawing([QUESTION, *ways], [Edge("question", "cheap"), Edge("question", "dear")]))
    assert "(answer)" in boxes(picture)
    assert len(picture.lines) == 4


def test_a_loop_is_a_frame_around_its_steps_with_a_line_back_to_its_top():
    nodes = [
        QUESTION,
        node("draft"),
        node("loop", "loop_until", (), condition="check.score >= 8", max_rounds=3),
        node("better", inside="loop"),
        node("check", "score", inside="loop"),
    ]
    edges = [
        Edge("question", "draft"),
        Edge("draft", "loop"),
        Edge("loop", "loop.better"),
        Edge("loop.better", "loop.check"),
        Edge("loop.better", "loop", "again"),
        Edge("loop.check", "loop", "until"),
    ]
    picture = picture_of(Drawing(nodes, edges))

    drawn = boxes(picture)
    for name in ("loop.better", "loop.check"):
        assert inside(drawn[name], drawn["loop"])
    [back] = [line for line in picture.lines if line.label == "again"]
    (_, bottom), *_, (_, top) = back.points
    assert drawn["loop"].y < top < drawn["loop.better"].y
    assert drawn["loop.check"].y < bottom < drawn["loop"].y + drawn["loop"].height


def test_a_line_that_passes_a_rank_gets_room_in_it():
    found = ranked(["a", "b", "c"], [("a", "b"), ("b", "c"), ("a", "c")])

    assert [len(row) for row in found.order] == [1, 2, 1]
    assert len(found.paths["a", "c"]) == 3


@st.composite
def drawings(draw):
    """Steps that read some of those before them, some of them in a loop."""
    count = draw(st.integers(1, 9))
    looped = draw(st.booleans())
    nodes, edges = [QUESTION], []
    if looped:
        nodes.append(node("loop", "loop_until", (), condition="x", max_rounds=2))
        edges.append(Edge("question", "loop"))
    for number in range(count):
        around = "loop" if looped and number % 3 == 1 else None
        step = node(f"s{number}", "fanout", ["a/x"] * draw(st.integers(1, 9)), around)
        readable = [other for other in nodes if other.inside in (None, around) and other.id != "loop"]
        edges += [Edge(other.id, step.id) for other in draw(st.lists(st.sampled_from(readable), max_size=3))]
        if around:
            edges.append(Edge(step.id, "loop", "again"))
        nodes.append(step)
    return Drawing(nodes, edges)


@settings(max_examples=60, deadline=None)
@given(drawings())
def test_no_box_covers_another_and_every_line_leads_down(drawing):
    picture = picture_of(drawing)

    assert {box.id for box in picture.boxes} == {each.id for each in drawing.nodes}
    for one in picture.boxes:
        assert one.x >= -0.01
        assert one.x + one.width <= picture.width + 0.01
        assert one.y + one.height <= picture.height + 0.01
        for other in picture.boxes:
            if one is not other and other.id != "loop" and one.id != "loop":
                assert apart(one, other), (one, other)
    for line in picture.lines:
        if line.style != "again":
            heights = [y for _, y in line.points]
            assert heights == sorted(heights)


def apart(one, other):
    beside = one.x + one.width <= other.x + 0.01 or other.x + other.width <= one.x + 0.01
    return beside or one.y + one.height <= other.y + 0.01 or other.y + other.height <= one.y + 0.01


def inside(box, frame):
    return (
        frame.x < box.x
        and box.x + box.width < frame.x + frame.width
        and frame.y < box.y
        and box.y + box.height < frame.y + frame.height
    )
