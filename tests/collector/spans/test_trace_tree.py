"""Trees from spans in any order, whole or broken."""

from collector.spans.trace_tree import TimedSpan, depth_first, self_ns


def outline(*spans: TimedSpan) -> list[str]:
    return [
        "  " * place.depth + spans[place.index].span_id + ("?" if place.is_orphan else "")
        for place in depth_first(spans)
    ]


def span(span_id: str, parent: str | None, start: int, end: int) -> TimedSpan:
    return TimedSpan(span_id, parent, start, end - start)


def test_parents_come_before_children_and_children_by_their_start():
    assert outline(
        span("late", "root", 5, 9),
        span("leaf", "early", 1, 2),
        span("early", "root", 0, 4),
        span("root", None, 0, 9),
    ) == ["root", "  early", "    leaf", "  late"]


def test_siblings_that_start_together_are_ordered_by_id():
    assert outline(span("b", "root", 0, 1), span("a", "root", 0, 1), span("root", None, 0, 1)) == [
        "root",
        "  a",
        "  b",
    ]


def test_a_span_whose_parent_is_absent_is_an_orphan_with_its_children_below():
    assert outline(span("child", "orphan", 6, 7), span("orphan", "lost", 5, 8), span("root", None, 0, 9)) == [
        "root",
        "orphan?",
        "  child",
    ]


def test_a_circle_is_entered_at_its_earliest_span():
    assert outline(span("b", "a", 2, 3), span("a", "b", 1, 4), span("self", "self", 0, 1)) == [
        "self?",
        "a?",
        "  b",
    ]


def test_a_chain_of_ten_thousand_spans_is_walked():
    chain = [span(str(n), str(n - 1) if n else None, n, 20_000) for n in range(10_000)]

    assert [place.depth for place in depth_first(chain)] == list(range(10_000))


def test_nothing_is_no_tree():
    assert depth_first([]) == []


def test_self_time_is_what_no_child_covers():
    parent = span("p", None, 0, 100)

    assert self_ns(parent, []) == 100
    assert self_ns(parent, [span("a", "p", 10, 30), span("b", "p", 50, 60)]) == 70
    # 10-30 and 20-50 cover 40 together
    assert self_ns(parent, [span("b", "p", 20, 50), span("a", "p", 10, 30)]) == 60
    # one inside the other
    assert self_ns(parent, [span("a", "p", 10, 90), span("b", "p", 20, 30)]) == 20
    # clipped to 0-10 and 90-100
    assert self_ns(parent, [span("a", "p", -50, 10), span("b", "p", 90, 150)]) == 80
    assert self_ns(parent, [span("a", "p", 200, 300)]) == 100
