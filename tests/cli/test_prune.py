"""`composite-llm prune`: shows, asks, and only then takes away."""

import json
import time

import pytest

from tests.cli.conftest import send
from tests.collector.running import CollectorProcess
from tests.otlp_traces import DAY, all_traces, moa_trace


@pytest.fixture
def aged(forks, tmp_path_factory):
    """A collector with the four example runs (21 spans) of three days ago and one run of just now."""
    with CollectorProcess(tmp_path_factory.mktemp("data"), composite_llm=forks.composite_llm) as collector:
        now = time.time_ns()
        send(collector.url, [*all_traces(start_ns=now - 3 * DAY), *moa_trace(9, start_ns=now)])
        yield collector


@pytest.fixture
def prune(aged, command, monkeypatch):
    monkeypatch.setenv("COMPOSITE_LLM_COLLECTOR", aged.url)
    return lambda *options: command("prune", *options)


def stored(collector):
    with collector.client() as client:
        return client.health().traces


def test_nothing_goes_before_somebody_said_yes(aged, prune):
    shown = prune("--keep", "1d", "--dry-run")
    unanswered = prune("--keep", "1d")
    as_json = prune("--keep", "1d", "--json")

    assert shown.exit_code == 0
    assert shown.stdout.splitlines()[-1].split()[:3] == ["total", "4", "21"]
    assert unanswered.exit_code == 1
    assert "Confirm with --yes." in unanswered.stderr
    assert json.loads(as_json.stdout)["dry_run"] is True
    assert stored(aged) == 5


def test_with_yes_the_old_runs_go_and_the_new_one_stays(aged, prune):
    done = prune("--keep", "1d", "--yes")

    assert "Took 4 runs with 21 spans away." in done.stdout
    assert stored(aged) == 1
    assert "Nothing to take away" in prune("--keep", "1d", "--yes").stdout


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--keep", "soon"), "'soon' is no age"),
        (("--max-size", "much"), "'much' is no size"),
        ((), "Say what to keep: --keep 30d, --max-size 5GB, or both."),
    ],
)
def test_limits_that_make_no_sense_are_one_sentence(command, options, complaint):
    done = command("prune", *options)

    assert done.exit_code == 2
    assert complaint in done.stderr
