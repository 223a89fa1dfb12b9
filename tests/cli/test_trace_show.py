"""`composite-llm trace show`: one run in the terminal."""

import json

import pytest

from cli.find_run import NotAnId, digits
from cli.text_bar import drawn
from cli.tree_table import branches
from composite_llm import conventions as c
from dashboard.lines import Line
from tests.cli.conftest import HOSTILE, HUGE, send
from tests.collector.running import running_collector
from tests.otlp_traces import span, trace_hex


def test_a_run_shows_its_figures_its_critical_path_and_its_tree(command):
    out = command("trace", "show", trace_hex(1)).stdout

    for expected in (
        "composite/moa/openai/gpt-4o\nWhy is the sky blue?\n",
        f"27 Sep 2026, 14:00:00 · trace {trace_hex(1)}",
        "Latency 3.0 s   Cost $0.1000   Calls 4   Tokens 1,000 in, 100 out   Parallelism 1.8×",
        "Critical path proposer 3 2.0 s → aggregator 1.0 s   models 100 %",
    ):
        assert expected in out
    rows = [line.split() for line in out.splitlines()]
    assert ["│", "├", "proposer", "2", "anthropic/claude-opus", "200", "20", "1.5", "s", "$0.0200"] in [
        row[:10] for row in rows
    ]
    assert ["├", "propose", "2.0", "s", "$0.0600"] in [row[:5] for row in rows]
    assert any(row[:3] == ["└", "aggregator", "openai/gpt-4o"] for row in rows)


def test_time_is_drawn_to_scale_with_the_critical_path_in_blocks(command, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    lines = command("trace", "show", trace_hex(1)).stdout.splitlines()

    bars = {line.split("$")[0].split(" s ")[0].strip("│├└ "): line.partition("$0.")[2][6:] for line in lines}
    whole = len(next(bar for name, bar in bars.items() if name.startswith("moa ")).rstrip())
    proposer = next(bar for name, bar in bars.items() if name.startswith("proposer 3"))
    aggregator = next(bar for name, bar in bars.items() if name.startswith("aggregator"))
    assert proposer.count("█") == pytest.approx(whole * 2 / 3, abs=1)
    assert aggregator.count("█") == pytest.approx(whole / 3, abs=1)
    assert aggregator.index("█") >= proposer.rindex("█")


def test_a_failed_run_says_what_failed_and_that_it_cost_nothing(command):
    out = command("trace", "show", trace_hex(3)).stdout

    assert "Cost –" in out
    assert "× proposer 1 · error" in out
    assert "RateLimitError: openai: 429 <script>alert('quota')</script>" in out
    assert "ServiceUnavailableError: anthropic: 529 overloaded" in out


def test_a_price_nobody_knows_is_unknown(command):
    out = command("trace", "show", trace_hex(4)).stdout

    assert "Cost unknown" in out
    assert "No price is known for" in out


def test_a_run_says_what_degraded_it_and_what_its_budget_kept_from_being_done(command, tmp_path, monkeypatch):
    """Its two attempts at one call ran side by side: the second is a hedge, and cost $0.02 at least."""
    request = {
        c.SPAN_TYPE: c.REQUEST,
        c.STRATEGY: "moa",
        c.DEGRADED: True,
        c.DEGRADED_REASONS: ["moa.layer1: 1 of 2 gave no answer"],
        c.BUDGET_USD: 0.5,
        c.BUDGET_REFUSED: 1,
        c.BUDGET_SHORTENED: 0,
    }
    call = {c.SPAN_TYPE: c.LLM_CALL, c.REQUEST_MODEL: "openai/gpt-4o", c.CALL_ROLE: "proposer"}
    lost = call | {c.CALL_ATTEMPT: 1, c.CALL_OUTCOME: "hedge_lost", c.USAGE_SOURCE: "missing"}
    paid = {c.INPUT_TOKENS: 10, c.OUTPUT_TOKENS: 5, c.COST_USD: 0.02, c.COST_SOURCE: "litellm"}
    won = call | paid | {c.CALL_ATTEMPT: 2, c.CALL_HEDGE: True, c.CALL_OUTCOME: "ok"}
    with running_collector(tmp_path / "own") as collector:
        spans = [
            span("request", number=1, duration_ms=900, attributes=request),
            span("chat", number=2, parent=1, duration_ms=900, attributes=lost),
            span("chat", number=3, parent=1, start_ms=500, duration_ms=400, attributes=won),
        ]
        send(collector.url, spans)
        monkeypatch.setenv("COMPOSITE_LLM_COLLECTOR", collector.url)
        out = command("trace", "show", trace_hex(1)).stdout

    assert "Degraded: moa.layer1: 1 of 2 gave no answer." in out
    assert "Budget $0.5000: 1 call not made, 0 answers shortened for its sake." in out
    assert "Cost ≥ $0.0200" in out
    assert "hedge lost" in out
    assert "proposer · hedge " in out
    assert "retry" not in out


def test_the_same_as_json_has_every_span_in_tree_order(command):
    run = json.loads(command("trace", "show", trace_hex(1), "--json").stdout)

    assert [span["span_id"][-1] for span in run["spans"]] == ["1", "2", "3", "4", "5", "6", "7"]
    assert [(step["span_id"][-1], step["end_ms"]) for step in run["critical_path"]] == [
        ("5", 2000),
        ("7", 3000),
    ]


@pytest.mark.parametrize(
    "spelling",
    [
        "4BF92F3577B34DA6A3CE929D0E0E4736",
        "0x4bf92f3577b34da6a3ce929d0e0e4736",
        " 4bf92f35-77b3-4da6-a3ce-929d0e0e4736\n",
        "{4bf92f35-77b3-4da6-a3ce-929d0e0e4736}",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    ],
)
def test_any_spelling_of_an_id_is_its_digits(spelling):
    assert digits(spelling) == "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.mark.parametrize("text", ["", "latest", "4bf9' or 1=1", "1" * 33])
def test_what_is_no_id_is_refused(text):
    with pytest.raises(NotAnId, match="32 hex digits"):
        digits(text)


def test_the_beginning_of_an_id_is_enough_while_it_is_the_only_one(command):
    several = command("trace", "show", "0000")
    one = command("trace", "show", "0X" + trace_hex(HOSTILE)[:-1].upper())

    assert several.exit_code == 1
    assert trace_hex(1) in several.stderr.replace("\n", "")
    assert "Give more digits." in several.stderr.replace("\n", " ")
    assert one.exit_code == 0


def test_an_unknown_id_says_where_to_look(command):
    unknown = command("trace", "show", "ffff")
    no_id = command("trace", "show", "latest")

    assert (unknown.exit_code, no_id.exit_code) == (1, 2)
    assert "No run has the id ffff. composite-llm traces lists the newest" in unknown.stderr.replace(
        "\n", " "
    )
    assert "'latest' is no trace id" in no_id.stderr


def test_a_run_of_ten_thousand_spans_is_folded_unless_all_are_asked_for(command):
    folded = command("trace", "show", trace_hex(HUGE)).stdout
    stages = command("trace", "show", trace_hex(HUGE), "--depth", "1").stdout

    assert "9,801 spans folded away" in folded
    assert len(folded.splitlines()) < 420
    assert "× chat" in folded, "what failed is shown first, however deep"
    assert "… 10,000 more · 1 error among them" in stages


def test_all_spans_are_printed_on_request(command):
    out = command("trace", "show", trace_hex(HUGE), "--all").stdout

    assert sum("chat" in line for line in out.splitlines() if "─" not in line) >= 9_900
    assert "folded away" not in out


def test_what_a_model_wrote_cannot_command_the_terminal(command):
    done = command("trace", "show", trace_hex(HOSTILE))

    assert "[bold red]markup[/]" in done.stdout
    assert not {"\x1b", "\x07", "\u202e"} & set(done.stdout)


def test_colours_come_only_where_they_are_wanted(command, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    coloured = command("trace", "show", trace_hex(1)).stdout
    monkeypatch.setenv("NO_COLOR", "1")
    plain = command("trace", "show", trace_hex(1)).stdout

    assert "\x1b[" in coloured
    assert "\x1b" not in plain


def test_an_old_code_page_gets_the_same_in_ascii(program):
    done = program("trace", "show", trace_hex(1), PYTHONIOENCODING="ascii")

    assert done.returncode == 0, done.stderr
    out = done.stdout.decode("ascii")
    assert "| ` proposer 3" in out
    assert "proposer 3 2.0 s -> aggregator 1.0 s" in out
    assert "####" in out


def test_branches_lead_from_each_row_to_its_parent():
    assert branches([0, 1, 2, 2, 1, 2, 0]) == ["", "├ ", "│ ├ ", "│ └ ", "└ ", "  └ ", ""]
    assert branches(list(range(12)))[11] == "  " * 7 + "┊ └ "


@pytest.mark.parametrize(
    ("stretch", "critical", "is_call", "expected"),
    [
        ((0, 0.5), [(0, 0.25)], True, "██━━"),
        ((0.5, 1), [], False, "    ────"),
        ((0, 3 / 16), [], True, "━╸"),
        ((0, 0.5), [(1 / 16, 3 / 16)], True, "▐▌━━"),
        ((1, 1), [], True, "       ╺"),
        ((0, 0), [], False, "╴"),
    ],
)
def test_a_bar_of_eight_characters_is_drawn_to_the_half(stretch, critical, is_call, expected):
    line = Line(depth=0, name="span", stretch=stretch, critical=critical, is_call=is_call)

    assert drawn(line, 8) == expected
