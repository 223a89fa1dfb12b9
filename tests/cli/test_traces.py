"""`composite-llm traces`: which runs it lists, and how."""

import json

import pytest

from cli.moments import window
from composite_llm import conventions as c
from tests.cli.conftest import HOSTILE
from tests.collector.running import running_collector
from tests.otlp_traces import moa_trace, span, trace_hex

EXAMPLES = ("--since", "2026-09-27 14:00", "--until", "2026-09-27T12:04:00Z")
"""The four example traces: the first begins at noon UTC, which is 14:00 in Berlin."""


def listed(command, *options):
    """The number in each listed trace id, in the order of the rows."""
    done = command("traces", "--json", *options)
    assert done.exit_code == 0, done.stderr
    return [int(json.loads(line)["trace_id"], 16) for line in done.stdout.splitlines()]


def test_the_newest_run_comes_first_with_its_figures_as_the_dashboard_writes_them(command):
    lines = command("traces", "--since", "2026-09-27 14:00:30").stdout.splitlines()

    foreign, failed, council = (line.split() for line in lines[1:4])
    assert (foreign[0], failed[0], council[0]) == (trace_hex(4), trace_hex(3), trace_hex(2))
    assert foreign[-5:] == ["700", "ms", "1", "77", "unknown"]
    assert failed[-6:] == ["500", "ms", "2", "0", "–", "failed"]
    assert council[-5:] == ["6.0", "s", "5", "650", "$0.1500"]
    assert "Which proof is shortest?" in lines[3]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ((), [4, 3, 2, 1]),
        (("--text", "PROOF is"), [2]),
        (("--limit", "2"), [4, 3]),
        (("--errors",), [3]),
        (("--strategy", "council"), [2]),
        (("--strategy", "council", "--strategy", "other"), [4, 2]),
        (("--min-cost", "0.12"), [2]),
        (("--min-latency", "3"), [2, 1]),
        (("--model", "gemini/flash"), [1]),
        (("--origin", "simulated"), []),
    ],
)
def test_each_option_narrows_the_list(command, options, expected):
    assert listed(command, *EXAMPLES, *options) == expected


@pytest.fixture(scope="module")
def another(tmp_path_factory):
    """A collector with two runs of sessions, and one whose root has not come."""
    with running_collector(tmp_path_factory.mktemp("another")) as running:
        running.send([span("one", trace=1, attributes={c.SESSION_ID: "s1", c.USER_ID: "u1"})])
        running.send([span("two", trace=2, attributes={c.SESSION_ID: "s2", c.TRACE_TAGS: ["red", "blue"]})])
        running.send(moa_trace(3)[:-1])
        yield running.url


@pytest.mark.parametrize(
    ("options", "expected"),
    [(("--session", "s1"), [1]), (("--user", "u1"), [1]), (("--tag", "blue"), [2]), (("--tag", "green"), [])],
)
def test_sessions_users_and_tags_narrow_the_list(another, command, monkeypatch, options, expected):
    monkeypatch.setenv("COMPOSITE_LLM_COLLECTOR", another)

    assert listed(command, *options) == expected


def test_a_run_whose_root_has_not_come_is_marked_as_running(another, command, monkeypatch):
    monkeypatch.setenv("COMPOSITE_LLM_COLLECTOR", another)
    lines = command("traces").stdout.splitlines()[1:]

    assert [line.split()[-1] for line in lines if "running" in line] == ["running"]
    assert json.loads(command("traces", "--strategy", "moa", "--json").stdout)["status"] == "running"


def test_a_json_line_holds_what_is_known_and_the_start_in_utc(command):
    [line] = command("traces", "--json", "--strategy", "council").stdout.splitlines()

    run = json.loads(line)
    assert run["started"] == "2026-09-27T12:01:00.000000Z"
    assert (run["calls"], run["input_tokens"], run["cost_usd"]) == (5, 500, pytest.approx(0.15))
    assert run["models"] == ["anthropic/claude-opus", "openai/gpt-4o"]


def test_beside_the_rows_it_says_how_many_are_left(command):
    done = command("traces", "--limit", "1")

    assert "5 more runs" in done.stderr
    assert "more runs" not in done.stdout


def test_where_nothing_matches_it_says_what_is_stored(command):
    done = command("traces", "--text", "no such question")

    assert (done.exit_code, done.stdout) == (0, "")
    assert "No run matches; 6 are stored." in done.stderr


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--since", "yesterday"), "--since 'yesterday' is no time. Write 2026-11-21"),
        (("--since", "2026-01-02", "--until", "2026-01-01"), "--since lies after --until"),
        (("--since", "2026-01-02", "--last-hours", "1"), "give one of them"),
        (("--origin", "made up"), "Origin must be one of all, real, simulated"),
    ],
)
def test_a_wrong_option_is_one_sentence_and_exit_code_2(command, options, complaint):
    done = command("traces", *options)

    assert done.exit_code == 2
    assert complaint in done.stderr.replace("\n", " ")
    assert done.stdout == ""


def test_hours_count_back_from_the_end_of_the_window():
    two_hours_before_2020 = (1_577_829_600_000_000_000, 1_577_836_800_000_000_000)

    assert window(2, None, "2020-01-01T00:00:00Z") == two_hours_before_2020
    assert window(None, None, None) == (0, 2**63 - 1)


def test_a_narrow_terminal_keeps_what_it_costs(command, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    lines = command("traces", "--strategy", "council").stdout.splitlines()

    assert max(map(len, lines)) <= 80
    assert "$0.1500" in lines[1]
    assert "6.0 s" in lines[1]


def test_what_a_model_wrote_cannot_command_the_terminal(command):
    out = command("traces", "--text", trace_hex(HOSTILE)).stdout

    assert "[bold red]markup[/]" in out
    assert not {"\x1b", "\x07", "\u202e"} & set(out)
