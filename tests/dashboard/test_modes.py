"""The list of modes and one of them, as the real command tells them, over the four example traces."""

import os
import subprocess
import sys

import pytest

from composite_llm.planning.told import Catalogue, Mode
from dashboard import catalogue_reader
from tests.dashboard.conftest import STARTED_NS
from tests.otlp_traces import moa_trace, request_attributes, span

PAGE = "views/strategies.py"
HOSTILE = "<script>alert(1)</script> ![p](http://evil.example/p.png) **b** $0.00 "
MINE = f"""\
profiles:
  local: {{strategy: direct, model: hosted_vllm/my-own, description: On this machine.}}
  part: {{strategy: moa, model: openai/gpt-4o, proposers: hosted_vllm/my-own × 2}}
  wrong: {{strategy: direct, model: openai/gpt-4o, temprature: 1}}
  hostile: {{strategy: direct, model: openai/gpt-4o, description: {HOSTILE!r}}}
"""


@pytest.fixture(scope="module")
def mine(tmp_path_factory):
    file = tmp_path_factory.mktemp("profiles") / "mine.yaml"
    file.write_text(MINE)
    return file


@pytest.fixture(scope="module")
def told(mine):
    """What the command says: asked once, since that takes seconds."""
    environment = {**os.environ, "COMPOSITE_LLM_PROFILES": str(mine)}
    done = subprocess.run(catalogue_reader.COMMAND, env=environment, capture_output=True, check=True)
    file = mine.parent / "told.json"
    file.write_bytes(done.stdout)
    return file


def printing(file):
    return (sys.executable, "-c", f"import sys; sys.stdout.write(open({str(file)!r}).read())")


@pytest.fixture
def open_modes(open_app, monkeypatch, mine, told):
    monkeypatch.setenv("COMPOSITE_LLM_PROFILES", str(mine))

    def opened(url, *, command=None, **query):
        monkeypatch.setattr(catalogue_reader, "COMMAND", command or printing(told))
        app = open_app(url, PAGE, **query)
        if command is None:
            catalogue_reader.wait()
            app.run()
            assert not app.exception
        return app

    yield opened
    catalogue_reader.wait()


def rows(app, table=0):
    return {row["Mode"]: row for row in app.dataframe[table].value.to_dict("records")}


def figures(app):
    return {metric.label: (metric.value, metric.delta) for metric in app.metric}


def drawn(app):
    """Widgets of ours, but for the one that listens to the menu."""
    names = [each.proto.component_name for each in app.get("bidi_component")]
    return [name for name in names if name != "leave_by_the_menu"]


def codes(app):
    return [block.value for block in app.code]


def test_own_profiles_come_first_with_calls_and_cost(open_modes, seeded):
    profiles = rows(open_modes(seeded))

    assert list(profiles)[:3] == ["local", "part", "hostile"]
    # 3 small models (500 in, 400 out), then gpt-4o reads them: $0.0126, as `composite-llm modes` says.
    light = profiles["moa-light"]
    assert (light["Kind"], light["Calls"], light["Typical cost"]) == ("bundled", "4", "$0.0126")
    assert profiles["vote-or-escalate"]["Calls"] == "5 – 6"


def test_a_price_nobody_knows_is_unknown_and_never_free(open_modes, seeded):
    """Of `part` two answers have no price; the aggregator's 1450 in and 400 out cost 2.5 and 10 dollars a million."""
    profiles = rows(open_modes(seeded))

    assert profiles["local"]["Typical cost"] == "unknown"
    assert profiles["part"]["Typical cost"] == "≥ $0.0076"
    assert figures(open_modes(seeded, mode="local"))["Estimate"] == ("unknown", "no price known")
    part = open_modes(seeded, mode="part")
    assert figures(part)["Estimate"] == ("≥ $0.0076", "lower bound")
    assert part.warning[0].value.startswith("No price is known for hosted_vllm/my-own")


def test_a_broken_profile_is_named_with_file_line_and_field_beside_all_others(open_modes, seeded, mine):
    app = open_modes(seeded)

    assert app.warning[0].value.startswith("1 problem in profiles.")
    assert codes(app)[0].startswith(
        f"{mine}:4: profiles.wrong.temprature: there is no parameter 'temprature'"
    )
    assert rows(app)["wrong"]["Kind"] == "broken"
    opened = open_modes(seeded, mode="wrong")
    assert "cannot be used" in opened.error[0].value
    assert f"{mine}:4" in codes(opened)[0]
    assert not opened.metric


def test_what_was_recorded_stands_beside_what_is_estimated(open_modes, seeded):
    """Two runs of moa, 10 cents and nothing, 3000 and 500 ms, one with an error; one of council for 15 cents."""
    strategies = rows(open_modes(seeded), table=1)

    wanted = ("Calls", "Runs", "Cost / run", "p50", "p95", "Errors")
    assert [strategies["moa"][name] for name in wanted] == [
        "N·(layers−1) + 1",
        "2",
        "$0.0500",
        "1.8 s",
        "2.9 s",
        "50 %",
    ]
    assert [strategies["council"][name] for name in wanted[1:3]] == ["1", "$0.1500"]
    assert strategies["direct"]["Runs"] == ""


def test_a_window_without_its_runs_says_nothing_of_them(open_modes, seeded):
    assert rows(open_modes(seeded, origin="simulated"), table=1)["moa"]["Runs"] == ""


def test_an_empty_store_still_shows_what_can_be_run(open_modes, empty):
    app = open_modes(empty)

    assert rows(app)["moa-light"]["Typical cost"] == "$0.0126"
    assert {row["Runs"] for row in rows(app, table=1).values()} == {""}


def test_runs_of_a_mode_that_is_gone_are_not_hidden(open_modes, start_collector):
    """A run that asked for a profile which is no more, beside one of moa."""
    url = start_collector(*moa_trace(1, start_ns=STARTED_NS), *gone_run())
    gone = rows(open_modes(url))["bygone"]

    assert (gone["Kind"], gone["Runs"], gone["Typical cost"]) == ("not here", "1", "")
    assert figures(open_modes(url, mode="bygone"))["Runs"] == ("1", "0 % with errors")


def gone_run():
    told = {"question": "Q", "model_name": "composite/profile/bygone", "simulated": False, "answer": "A"}
    return [span("run", trace=9, start_ns=STARTED_NS, attributes=request_attributes("moa", trace=9, **told))]


def test_one_mode_shows_its_figures_its_file_its_steps_its_graph_and_how_to_run_it(open_modes, seeded):
    app = open_modes(seeded, mode="until-good")

    assert app.text[0].value.startswith("A draft is marked and written anew")
    assert figures(app) == {
        "Calls": ("4 – 10", "typical request"),
        "Estimate": ("$0.0262", "at least $0.0089"),
    }
    model, written, steps, command, program = codes(app)
    assert command == "composite-llm ask --profile until-good 'Why is the sky blue?'"
    assert "model='composite/until-good'" in program
    assert model == "composite/until-good"
    assert written.startswith("until-good:\n  description: A draft")
    assert [line.split()[0] for line in steps.splitlines()] == [
        "step",
        "question",
        "draft",
        "answer:",
        "review",
        "better",
        "check",
    ]
    assert "answer: until check.score >= 8, at most 3 times" in steps
    assert drawn(app) == ["mode_graph"]


def test_a_strategy_tells_its_source_its_parameters_and_a_sample(open_modes, seeded):
    app = open_modes(seeded, mode="moa", part="Definition")

    assert "arXiv 2406.04692" in app.text[0].value
    assert any(code.startswith("parameter") and "proposers" in code for code in codes(app))
    assert "As in the profile moa-light" in " ".join(caption.value for caption in app.caption)
    assert figures(app)["Latency p50"] == ("1.8 s", "p95 2.9 s")
    assert figures(app)["Runs"] == ("2", "50 % with errors")


def test_its_runs_are_listed_on_traces(open_modes, seeded):
    app = open_modes(seeded, mode="moa", window="all")
    next(button for button in app.button if button.label == "The 2 runs on Traces").click().run()

    assert app.title[0].value == "Traces"
    assert list(app.dataframe[0].value["strategy"]) == ["moa", "moa"]


def said(app):
    return " ".join(text.value.replace("\\$", "$") for text in app.markdown)


def test_the_average_run_says_where_the_money_and_the_time_go(open_modes, seeded):
    """10 cents and nothing over two runs, 6 of them for proposers; 2500 of 3500 ms were waiting for proposers."""
    app = open_modes(seeded, mode="moa")

    assert "proposer in propose**: $0.0300 of $0.0500 a run (60 %)" in said(app)
    assert "proposer in propose**: 1.2 s of 1.8 s (71 %)" in said(app)
    assert "structure" in drawn(app)
    table = {row["Place"].strip(): row for row in app.dataframe[0].value.to_dict("records")}
    wanted = ("In runs", "Calls", "Cost", "Of cost", "Waits", "Failed", "Tokens in")
    assert [table["The whole run"][name] for name in wanted] == [
        "2 of 2",
        "3.00",
        "$0.0500",
        "100.0 %",
        "1.8 s",
        "1 of 2",
        "500",
    ]
    assert [table["aggregator"][name] for name in wanted[:4]] == ["1 of 2", "0.50", "$0.0200", "40.0 %"]


def test_how_its_runs_are_spread_over_time_and_which_failed(open_modes, seeded):
    app = open_modes(seeded, mode="moa", part="Spread")
    assert len(app.get("plotly_chart")) == 4
    assert len(open_modes(seeded, mode="moa", part="Over time").get("plotly_chart")) == 3

    app = open_modes(seeded, mode="moa", part="Runs and errors")
    dearest, slowest, failed, errors = (each.value.to_dict("records") for each in app.dataframe)
    assert [row["Cost"] for row in dearest] == ["$0.1000", "–"]
    assert [row["Latency"] for row in slowest] == ["3.0 s", "500 ms"]
    assert [row["Question"] for row in failed] == ["Will this fail?"]
    assert {(row["Error"].rpartition(".")[2], row["What failed"]) for row in errors} == {
        ("RateLimitError", "proposer"),
        ("ServiceUnavailableError", "proposer"),
        ("APIError", "invoke_workflow moa"),
        ("error", "moa.propose"),
    }


def test_two_modes_side_by_side_in_words(open_modes, seeded):
    """Medians of 5 and 15 cents; one of two runs failed, and none of one."""
    app = open_modes(seeded, mode="moa", **{"with": "council"})

    assert (
        "A typical run of council costs 3.0× as much as one of moa; too few runs to say how sure that is (1 and 2 runs, "
        "9 of each are needed)."
    ) in said(app)
    assert "(1 of 2, 0 of 1), which does not tell them apart" in said(app)
    assert drawn(app) == ["structure", "structure"]
    assert len(app.get("plotly_chart")) == 4

    alone = open_modes(seeded, mode="moa", **{"with": "no-such-mode"})
    assert "No run of no-such-mode began in this window" in said(alone)


def test_a_strategy_may_be_looked_at_with_the_runs_of_profiles_made_of_it(open_modes, start_collector):
    """One run asked for moa, one for a profile made of it, which cost nothing."""
    url = start_collector(*moa_trace(1, start_ns=STARTED_NS), *gone_run())
    by_name = open_modes(url, mode="moa")
    assert (figures(by_name)["Runs"][0], figures(by_name)["Cost per run"][0]) == ("1", "$0.1000")

    in_all = open_modes(url, mode="moa", scope="all, profiles' too")
    assert (figures(in_all)["Runs"][0], figures(in_all)["Cost per run"][0]) == ("2", "$0.0500")
    next(button for button in in_all.button if button.label == "The 2 runs on Traces").click().run()
    assert list(in_all.dataframe[0].value["strategy"]) == ["moa", "moa"]


def test_a_name_nobody_knows_leads_back(open_modes, seeded):
    app = open_modes(seeded, mode="moa-ligth")

    assert app.title[0].value == "moa-ligth"
    assert "no strategy and no profile of this name" in " ".join(text.value for text in app.markdown)
    next(button for button in app.button if button.label == "Modes").click().run()
    assert "mode" not in app.query_params
    assert "moa-light" in rows(app)


def test_text_of_a_profile_stays_text(open_modes, seeded):
    app = open_modes(seeded, mode="hostile")

    assert app.text[0].value == HOSTILE.strip()
    assert not any("evil" in element.value for element in [*app.markdown, *app.caption, *app.title])


def test_the_page_is_there_before_the_profiles_are(open_modes, seeded, tmp_path, told):
    """The command waits at a pipe until the page has been drawn once."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    app = open_modes(seeded, command=printing(pipe))

    assert "Reading profiles and prices" in app.caption[-1].value
    assert rows(app)["moa"]["Cost / run"] == "$0.0500"
    assert rows(app)["moa"]["Typical cost"] == ""

    pipe.write_bytes(told.read_bytes())
    catalogue_reader.wait()
    app.run()
    assert rows(app)["moa-light"]["Typical cost"] == "$0.0126"


def test_a_failure_is_said_and_can_be_tried_again(open_modes, seeded, tmp_path, told):
    """The command reads a file that is not there at first."""
    file = tmp_path / "later"
    app = open_modes(seeded, command=printing(file))
    catalogue_reader.wait()
    app.run()

    assert app.error[0].value == "The modes could not be read."
    assert app.text[0].value.startswith("FileNotFoundError")
    assert rows(app)["moa"]["Runs"] == "2"

    file.write_bytes(told.read_bytes())
    next(button for button in app.button if button.label == "Try again").click().run()
    catalogue_reader.wait()
    app.run()
    assert not app.error
    assert rows(app)["moa-light"]["Typical cost"] == "$0.0126"


def test_what_is_no_catalogue_is_a_failure(tmp_path):
    file = tmp_path / "told"
    file.write_text("[]")
    reader = catalogue_reader.CatalogueReader(printing(file))
    reader.known()
    reader.wait()

    assert reader.known().catalogue is None
    assert "Catalogue" in reader.known().failure


def test_a_changed_profile_is_read_again_while_the_old_one_is_shown(tmp_path, told):
    source, file = tmp_path / "a.yaml", tmp_path / "told"
    source.write_text("one")
    stamp = source.stat()
    first = f'{{"modes": [], "problems": ["%s"], "typical_request": {{}}, "sources": [["{source}", %d, %d]]}}'
    file.write_text(first % ("old", stamp.st_mtime_ns, stamp.st_size))
    reader = catalogue_reader.CatalogueReader(printing(file))
    reader.known()
    reader.wait()
    assert not reader.known().is_reading

    source.write_text("another")
    stamp = source.stat()
    file.write_text(first % ("new", stamp.st_mtime_ns, stamp.st_size))

    known = reader.known()
    assert known.is_reading
    assert list(known.catalogue.problems) == ["old"]
    reader.wait()
    assert list(reader.known().catalogue.problems) == ["new"]
    assert not reader.known().is_reading


def test_no_page_imports_what_knows_the_prices():
    program = "import sys, dashboard.panels.mode_detail, dashboard.catalogue_reader; print('litellm' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"


def test_a_mode_that_can_be_used_goes_before_one_of_its_name_that_cannot():
    broken, usable = Mode("m", "broken"), Mode("m", "own")

    assert Catalogue([usable, broken], [], [], {}).find("m") is usable
