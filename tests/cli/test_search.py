"""`composite-llm search`: matches as they come, and a search that ends with whoever asked."""

import json
import os
import pty
import signal
import subprocess

import pytest

from collector.store import statements
from tests.cli.conftest import EVIL, HOSTILE
from tests.collector.api.test_leaving import ENDLESS
from tests.collector.running import running_collector, wait_until
from tests.otlp_traces import moa_trace, trace_hex


def test_each_run_that_says_the_text_is_shown_with_what_it_says(command):
    found = command("search", "SKY blue", "--all")

    lines = found.stdout.splitlines()
    assert found.exit_code == 0
    assert lines[0].startswith("00000000  27 Sep 14:0")
    assert " · $" in found.stdout
    assert all("sky blue" in line.lower() for line in lines[1::2])
    assert found.stderr == f"{len(lines) // 2} runs found.\n"


def test_as_json_a_match_is_a_line(command):
    found = command("search", "sky blue", "--all", "--json", "--strategy", "moa", "--limit", "1")

    [match] = map(json.loads, found.stdout.splitlines())
    assert match["trace"]["strategy"] == "moa"
    assert "sky blue" in match["excerpt"].lower()
    assert found.stderr.startswith("Ended with 1 run, back to 27 Sep 14:")


def test_the_last_day_is_searched_unless_more_is_asked_for(command):
    assert command("search", "sky").stderr == "No run says it. --all searches everything.\n"
    assert command("search", "sky", "--since", "2026-09-27").stdout
    assert command("search", "no such words", "--all").stderr == "No run says it.\n"


def test_a_text_cannot_command_the_terminal(command):
    found = command("search", "pwned", "--all").stdout

    assert trace_hex(HOSTILE)[:8] in found
    assert "[bold red]markup[/]" in found
    assert not {"\x1b", "\x07", "\u202e"} & set(found)
    assert EVIL not in found


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--last", "soon"], "--last 'soon' is no age. Write 90m, 24h, 7d or 4w.\n"),
        (["--last", "1d", "--since", "2026-09-27"], "both say where to begin: give one of them.\n"),
        (["--all", "--last", "1d"], "--all leaves nothing for --last and --since to say.\n"),
        (["--origin", "x"], "Origin: Input should be 'all', 'real' or 'simulated'\n"),
    ],
)
def test_what_makes_no_sense_is_said(command, options, said):
    found = command("search", "sky", *options)

    assert (found.exit_code, found.stdout) == (2, "")
    assert found.stderr.endswith(said)


@pytest.fixture
def endless(monkeypatch):
    """Looking through one stretch takes hours."""
    query = statements.query
    slow = f"{ENDLESS} and a.range <> $since_ns + $until_ns + $most and $text || $after_id <> ''"
    monkeypatch.setattr(
        statements, "query", lambda name, *folder: slow if name == "content_matches" else query(name, *folder)
    )


def test_ctrl_c_cancels_the_search_where_it_runs(forks, tmp_path, endless):
    command = [*forks.composite_llm, "search", "sky", "--all"]
    with running_collector(tmp_path / "data") as collector:
        collector.send(moa_trace())
        environment = {**os.environ, "COMPOSITE_LLM_COLLECTOR": collector.url}
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            wait_until(lambda: collector.inside.searching.running == collector.statements == 1)
            process.send_signal(signal.SIGINT)
            out, errors = process.communicate(timeout=60)
        finally:
            process.kill()
            process.communicate()
        wait_until(lambda: collector.statements == 0)

    assert (process.returncode, out, errors) == (130, b"", b"Cancelled.\n")


def test_a_person_sees_how_far_it_has_come(forks, tmp_path):
    """On a terminal, where the bar stands below the matches and is gone in the end."""
    with running_collector(tmp_path / "data") as collector:
        collector.send(moa_trace())
        ours, theirs = pty.openpty()
        environment = {
            **os.environ,
            "COMPOSITE_LLM_COLLECTOR": collector.url,
            "TERM": "xterm",
            "COLUMNS": "100",
        }
        process = subprocess.Popen(
            [*forks.composite_llm, "search", "sky", "--all"],
            env=environment,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        shown = b""
        try:
            while piece := os.read(ours, 65_536):
                shown += piece
        except OSError:  # what a terminal says when the program behind it has ended
            pass
        finally:
            os.close(ours)
            process.wait(timeout=60)

    text = shown.decode()
    assert process.returncode == 0
    assert "searching" in text
    assert "100%" in text
    assert trace_hex(1)[:8] in text
    assert text.rstrip().endswith("1 run found.\x1b[0m")
