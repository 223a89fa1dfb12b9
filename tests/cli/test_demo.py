"""Sample runs: recorded the way of any request, and marked as simulated."""

import json

from composite_llm.samples import SAMPLES
from tests.end_to_end.conftest import recording_into


def test_the_demo_tells_its_progress_and_lands_every_run(forks, tmp_path):
    with recording_into(tmp_path, forks) as recording:
        printed = recording.run(*forks.composite_llm, "demo", "--json")
        [totals] = recording.ask("totals")

    progress = [json.loads(line) for line in printed.splitlines()]
    assert [line["done"] for line in progress] == list(range(1, len(SAMPLES) + 1))
    assert {line["total"] for line in progress} == {len(SAMPLES)}
    assert {line["what"] for line in progress} == {sample.title for sample in SAMPLES}
    assert totals["runs"] == totals["simulated_runs"] == len(SAMPLES)
    assert totals["runs_with_errors"] >= 1, "retries and failures are part of what a newcomer should see"
    assert totals["failed_runs"] == 0
