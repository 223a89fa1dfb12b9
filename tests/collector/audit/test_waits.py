"""What a run waited for though it might not have had to, worked out by hand."""

from collector.audit.waits import Try, Wait, waits

STAGE = 0
"""The row of the parent, whose end tests give."""


def call(row, start, end, *, of=None, wanted=True, hedge=False):
    return Try(row, STAGE, start, end, row if of is None else of, wanted, hedge)


def test_a_stage_waits_for_its_last_call_after_the_others_have_ended():
    assert waits([call(1, 0, 30), call(2, 0, 50), call(3, 0, 90)], [95]) == [
        Wait("straggler", 3, STAGE, 50, 90)
    ]


def test_calls_that_end_together_keep_nobody_waiting():
    assert waits([call(1, 0, 50), call(2, 0, 50)], [50]) == []


def test_calls_one_after_another_are_no_stragglers():
    assert waits([call(1, 0, 30), call(2, 30, 90)], [90]) == []


def test_each_wave_has_a_straggler_of_its_own():
    made = [call(1, 0, 30), call(2, 0, 40), call(3, 50, 60), call(4, 50, 80)]

    assert waits(made, [80]) == [Wait("straggler", 2, STAGE, 30, 40), Wait("straggler", 4, STAGE, 60, 80)]


def test_after_a_quorum_a_stage_waits_for_what_it_then_leaves():
    made = [call(1, 0, 30), call(2, 0, 50), call(3, 0, 80, wanted=False), call(4, 0, 200, wanted=False)]

    assert waits(made, [70]) == [Wait("quorum", 4, STAGE, 50, 70)]


def test_what_is_left_behind_at_once_is_not_waited_for():
    assert waits([call(1, 0, 50), call(2, 0, 200, wanted=False)], [50]) == []


def test_where_nothing_was_wanted_there_is_no_quorum():
    assert waits([call(1, 0, 50, wanted=False), call(2, 0, 80, wanted=False)], [80]) == []


def test_a_pause_lies_between_a_try_and_the_next():
    made = [call(1, 0, 20, of="call"), call(2, 25, 40, of="call"), call(3, 60, 90, of="call")]

    assert waits(made, [90]) == [Wait("retry", 2, STAGE, 20, 25), Wait("retry", 3, STAGE, 40, 60)]


def test_a_hedge_waits_for_nothing_and_its_loser_is_not_waited_for():
    hedged = [call(1, 0, 99, of="call", wanted=False), call(2, 40, 60, of="call", hedge=True)]

    assert waits([*hedged, call(3, 0, 80)], [100]) == [Wait("straggler", 3, STAGE, 60, 80)]


def test_calls_without_a_parent_have_no_stage_that_waits():
    made = [call(1, 0, 30)._replace(parent=-1), call(2, 0, 90)._replace(parent=-1)]

    assert waits(made, [95]) == []
