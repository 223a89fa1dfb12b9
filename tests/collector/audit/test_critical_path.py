"""What a run was waiting for, worked out by hand."""

from typing import Any

from collector.audit.critical_path import PlacedSpan, Segment, critical_path


def path(*spans: tuple[Any, ...]) -> list[tuple[str, float, float]]:
    segments = critical_path([PlacedSpan(*each) for each in spans])
    return [(segment.span_id, segment.start_ms, segment.end_ms) for segment in segments]


def test_a_span_alone_waits_for_itself():
    assert critical_path([PlacedSpan("a", 0, 0.0, 5.0)]) == [Segment("a", 0.0, 5.0)]


def test_no_spans_make_no_path():
    assert path() == []


def test_of_a_fan_out_the_slowest_counts():
    assert path(
        ("root", 0, 0, 100),
        ("quick", 1, 10, 40),
        ("slow", 1, 10, 80),
    ) == [("root", 0, 10), ("slow", 10, 80), ("root", 80, 100)]


def test_stages_in_a_row_all_count():
    assert path(
        ("root", 0, 0, 100),
        ("propose", 1, 0, 60),
        ("one", 2, 0, 30),
        ("two", 2, 5, 60),
        ("aggregate", 1, 65, 100),
        ("three", 2, 65, 95),
    ) == [("propose", 0, 5), ("two", 5, 60), ("root", 60, 65), ("three", 65, 95), ("aggregate", 95, 100)]


def test_before_the_last_child_the_one_that_ended_before_it_began():
    # "overlaps" ends while "last" already runs, so nobody waited for its end.
    assert path(
        ("root", 0, 0, 100),
        ("first", 1, 0, 30),
        ("overlaps", 1, 20, 70),
        ("last", 1, 50, 100),
    ) == [("first", 0, 30), ("root", 30, 50), ("last", 50, 100)]


def test_a_child_that_overruns_its_parent_is_trimmed_to_it():
    assert (
        path(("root", 0, 0, 100), ("child", 1, 40, 150), ("grandchild", 2, 120, 150))
        == [
            ("root", 0, 40),
            ("child", 40, 100),
            ("trace", 100, 150),
        ][:2]
    )


def test_a_child_outside_its_parent_does_not_count():
    assert path(("root", 0, 50, 100), ("before", 1, 0, 50), ("inside", 1, 60, 70)) == [
        ("root", 50, 60),
        ("inside", 60, 70),
        ("root", 70, 100),
    ]


def test_empty_spans_leave_no_segment():
    assert path(("root", 0, 0, 10), ("instant", 1, 5, 5)) == [("root", 0, 10)]


def test_orphans_stand_beside_the_root():
    assert path(("root", 0, 0, 40), ("orphan", 0, 60, 90)) == [("root", 0, 40), ("orphan", 60, 90)]


def test_the_loser_of_a_hedge_is_not_what_was_waited_for():
    # The loser is told to stop when the winner has answered, and so ends after it.
    assert path(
        ("stage", 0, 0, 100),
        ("loser", 1, 0, 99, False),
        ("winner", 1, 40, 98),
    ) == [("loser", 0, 40), ("winner", 40, 98), ("loser", 98, 99), ("stage", 99, 100)]


def test_what_a_quorum_left_behind_is_trimmed_to_its_stage():
    assert path(
        ("request", 0, 0, 100),
        ("stage", 1, 0, 60),
        ("left", 2, 0, 90, False),
        ("slowest", 2, 0, 60),
        ("final", 1, 60, 100),
    ) == [("slowest", 0, 60), ("final", 60, 100)]


def test_where_everything_was_cancelled_its_calls_were_waited_for():
    assert path(("request", 0, 0, 100), ("one", 1, 0, 100, False), ("two", 1, 0, 100, False)) == [
        ("one", 0, 100)
    ]


def test_ten_thousand_levels_are_walked():
    chain = [(str(depth), depth, float(depth), 20_000.0 - depth) for depth in range(10_000)]

    segments = path(*chain)

    assert len(segments) == 19_999
    assert sum(end - start for _, start, end in segments) == 20_000
