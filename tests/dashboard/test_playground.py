"""The Playground: what is asked, what a process tells of it, and what is left when it is cancelled."""

import json
import os
import sys
from dataclasses import asdict

import pytest

from collector.client import CollectorClient
from composite_llm.planning.told import Catalogue, Mode
from dashboard import catalogue_reader, state
from dashboard.panels.playground_compare import in_words
from dashboard.panels.playground_receipt import cost_of, cost_so_far, written_cost
from dashboard.playground import player as players
from dashboard.playground import table as tables
from dashboard.playground.asked import Asked
from dashboard.playground.player import Player
from dashboard.playground.table import Places, Table

MODES = [
    Mode("direct", "strategy", "composite/direct/<model>", "One call.", "direct"),
    Mode("moa", "strategy", "composite/moa/<model>", "Several.", "moa", parameters=[("proposers", "needed")]),
    Mode("quick", "own", "composite/quick", "Mine.", "direct", "openai/gpt-4o"),
    Mode("wrong", "broken", problems=["no"]),
]
ASKED = Asked("composite/direct/openai/gpt-4o", "Why?", simulate=True)
CALL = {
    "stage": "direct",
    "role": "",
    "model": "sim/openai/gpt-4o",
    "outcome": "ok",
    "seconds": 1.0,
    "usage": {"input": 10, "output": 20},
    "cost": {"total": 0.001},
    "refused": False,
    "error": "",
}


def process(*lines, then="") -> tuple[str, ...]:
    """A process that waits for its order, tells these lines, and then does what is written."""
    script = "\n".join(
        [
            "import json, sys",
            "order = json.loads(sys.stdin.readline())",
            f"for line in {list(lines)!r}:",
            "    print(line if isinstance(line, str) else json.dumps(line), flush=True)",
            then,
        ]
    )
    return (sys.executable, "-c", script)


@pytest.fixture
def play():
    started = []

    def played(*lines, then="", asked=ASKED) -> Player:
        player = Player(lambda: None, process(*lines, then=then))
        started.append(player)
        player.run(asked)
        return player

    yield played
    for player in started:
        player.close()
        player.wait()


def ended(player) -> Player:
    player.wait()
    assert player.is_over
    return player


def test_what_a_process_tells_is_put_together(play):
    receipt = {"cost_status": "known", "known_cost_usd": 0.001, "seconds": 1.5, "calls": [CALL]}
    player = ended(
        play(
            "a library's warning",
            {"event": "ready"},
            {"event": "began", "trace_id": "ab"},
            {"event": "words", "text": "Be"},
            {"event": "words", "text": "cause."},
            {"event": "call", "call": CALL},
            {"event": "ended", "state": "answered", "receipt": receipt},
        )
    )

    assert (player.state, player.trace_id, player.answer) == ("answered", "ab", "Because.")
    assert cost_of(player) == (0.001, False)
    assert written_cost(player) == "$0.0010"


def test_a_process_that_dies_is_a_failure_with_its_last_words(play):
    player = ended(play({"event": "ready"}, then="raise SystemExit('out of memory')"))

    assert (player.state, player.message) == ("failed", "out of memory")


def test_cancelled_it_tells_what_was_spent_and_what_may_be_billed(play):
    summary = {"event": "summary", "known_cost_usd": 0.001, "unpriced": True, "seconds": 2.0, "calls": 2}
    lost = {**CALL, "cost": None, "outcome": "cancelled"}
    player = play(
        {"event": "call", "call": CALL},
        then="\n".join(
            [
                "assert json.loads(sys.stdin.readline())['do'] == 'cancel'",
                f"for line in {[{'event': 'call', 'call': lost}, summary, {'event': 'ended', 'state': 'cancelled'}]!r}:",
                "    print(json.dumps(line), flush=True)",
            ]
        ),
    )
    player.cancel()
    ended(player)

    assert player.state == "cancelled"
    assert cost_of(player) == (0.001, True)
    assert written_cost(player) == cost_so_far(player) == "≥ $0.0010"


def test_a_page_that_goes_ends_its_process(play):
    player = play(then="sys.stdin.read()")
    player.close()
    ended(player)

    assert player.state == "failed"


def test_only_the_estimate_of_what_is_asked_now_counts():
    told = [
        {"event": "estimate", "number": 1, "problem": "old"},
        {"event": "estimate", "number": 2, "problem": "new"},
    ]
    player = Player(
        lambda: None, process(then=f"sys.stdin.readline()\nfor line in {told!r}: print(json.dumps(line))")
    )
    player.ask_about(ASKED)
    player.ask_about(Asked("composite/direct/openai/gpt-4o", "Another question.", simulate=True))
    player.ask_about(Asked("composite/direct/openai/gpt-4o-mini"))
    player.wait()

    assert player.estimate["problem"] == "new"


def test_a_place_is_given_back_once():
    places = Places(1)
    give_back = places.take()
    assert places.take() is None
    give_back()
    give_back()

    assert places.take() is not None
    assert places.take() is None


def test_no_more_run_at_once_than_there_are_places(monkeypatch):
    monkeypatch.setattr(players, "COMMAND", process(then="sys.stdin.readline()"))
    monkeypatch.setattr(tables, "RUNNING", Places(1))
    tab = Table()

    assert tab.run(ASKED) == ""
    assert "run from Playgrounds already" in tab.run(ASKED)

    [first] = tab.played
    first.cancel()
    ended(first)
    assert tab.run(ASKED) == ""
    tab.close()
    ended(tab.played[-1])


@pytest.mark.parametrize(
    ("ours", "theirs", "said"),
    [
        ((0.003, "known", 9.0), (0.001, "known", 5.0), "cost 3 × as much and took 1.8 × as long"),
        ((0.003, "partial", 9.0), (0.001, "known", 9.0), "cost at least 3 × as much and took about as long"),
        (
            (0.0, "unknown", 9.0),
            (0.001, "known", 3.0),
            "took 3 × as long. What one of them cost is not known",
        ),
        ((0.003, "known", 3.0), (0.001, "partial", 3.0), "What one of them cost is not known"),
    ],
)
def test_the_difference_to_a_plain_call_is_said_as_far_as_it_is_known(play, ours, theirs, said):
    def answered(cost, status, seconds):
        receipt = {"cost_status": status, "known_cost_usd": cost, "seconds": seconds, "calls": []}
        return ended(play({"event": "ended", "state": "answered", "receipt": receipt}))

    assert said in in_words(answered(*ours), answered(*theirs))


@pytest.fixture
def open_playground(open_app, monkeypatch, tmp_path):
    """At the page, with modes that are told at once."""
    file = tmp_path / "told.json"
    file.write_text(json.dumps(asdict(Catalogue(MODES, [], [], {}))))
    monkeypatch.setattr(
        catalogue_reader, "COMMAND", (sys.executable, "-c", f"print(open({str(file)!r}).read())")
    )
    monkeypatch.setenv("COMPOSITE_LLM_PROFILES", str(tmp_path / "none"))
    started = []

    def recorded(on_end):
        started.append(Player(on_end))
        return started[-1]

    monkeypatch.setattr(tables, "Player", recorded)

    def opened(url, **query):
        app = open_app(url, state.PLAYGROUND_PAGE, **query)
        catalogue_reader.wait()
        return app.run()

    yield opened
    catalogue_reader.wait()
    for player in started:  # also the one that waits for the next request
        player.close()
        player.wait()


def press(app, label):
    next(button for button in app.button if button.label == label).click()
    return app.run()


def test_a_mode_is_run_by_the_real_process_and_its_bill_is_the_stored_one(
    open_playground, start_collector, model_server, monkeypatch
):
    monkeypatch.setenv("COMPOSITE_LLM_SIMULATOR", model_server.url)
    for key in [name for name in os.environ if name.endswith("_API_KEY")]:
        monkeypatch.delenv(key)
    url = start_collector()
    app = open_playground(url)
    press(app, "Run")
    assert app.warning[0].value == "Type a question first."

    app.text_area(key="playground_question").input("Why is the sky blue?")
    press(app, "Run")
    player = app.session_state["playground_shown"]
    ended(player)
    app.run()

    assert not app.exception
    figures = {metric.label: metric.value for metric in app.metric}
    assert figures["Calls"] == "4"
    with CollectorClient(url) as client:
        [stored] = client.sql("select calls, cost_usd, status, simulated from traces").table.to_pylist()
    assert (stored["calls"], stored["status"], stored["simulated"]) == (4, "ok", True)
    assert stored["cost_usd"] == pytest.approx(player.receipt["known_cost_usd"], abs=1e-12)
    assert any(text.value == player.answer for text in app.text)
    assert app.dataframe[0].value["Role"].to_list() == ["proposer"] * 3 + ["aggregator"]


def test_a_profile_names_its_own_models(open_playground, seeded, monkeypatch):
    monkeypatch.setattr(players, "COMMAND", process(then="sys.stdin.read()"))

    app = open_playground(seeded, playground_mode="quick")

    assert app.selectbox(key="playground_mode").value == "quick"
    assert not app.multiselect
    assert any("names its models" in caption.value for caption in app.caption)


def test_modes_that_cannot_be_used_are_not_offered(open_playground, seeded, monkeypatch):
    monkeypatch.setattr(players, "COMMAND", process(then="sys.stdin.read()"))

    app = open_playground(seeded, playground_mode="wrong")

    assert app.selectbox(key="playground_mode").options == ["direct", "moa", "quick"]
    assert app.selectbox(key="playground_mode").value == "moa"
