"""Recording sample runs: a process that reports its progress, followed to its end."""

import sys

from dashboard.samples import Recording


def recording(script: str) -> Recording:
    followed = Recording((sys.executable, "-c", script))
    assert followed.wait(60)
    return followed


def test_progress_is_read_line_by_line():
    followed = recording(
        """print('{"done": 1, "total": 2, "what": "moa"}'); print('{"done": 2, "total": 2, "what": "council"}')"""
    )

    assert (followed.done, followed.total, followed.what, followed.share) == (2, 2, "council", 1.0)
    assert followed.failure is None


def test_a_line_that_is_no_report_is_passed_over():
    followed = recording(
        """print('Warning: hot'); print('{"done": 1, "total": 4, "what": "moa"}'); print('[]')"""
    )

    assert followed.share == 0.25


def test_a_failure_is_the_last_thing_the_process_said():
    followed = recording("import sys; print('line 1\\nno such command\\n', file=sys.stderr); sys.exit(2)")

    assert followed.failure == "no such command"


def test_a_silent_failure_has_its_exit_code():
    assert recording("import sys; sys.exit(3)").failure == "it ended with code 3"


def test_a_command_that_cannot_be_started_is_a_failure():
    followed = Recording(("/no/such/program",))

    assert followed.wait(60)
    assert "/no/such/program" in (followed.failure or "")


def test_much_complaint_does_not_stop_the_process():
    assert recording("import sys; sys.stderr.write('x' * 1_000_000); print('{}')").failure is None
