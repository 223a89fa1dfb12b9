"""One trace: its figures, the span in the address, and what a wrong address says."""

import pytest

from collector.content.policy import ContentPolicy
from tests.collector.running import running_collector
from tests.dashboard.conftest import STARTED_NS
from tests.otlp_traces import (
    QUESTION,
    maybe_repeated,
    moa_trace,
    more_than_calls,
    span,
    span_hex,
    trace_hex,
)

TRACE = "views/trace.py"


def figures(app):
    return {metric.label: metric.value for metric in app.metric}


def captions(app):
    return [caption.value for caption in app.caption]


def test_the_header_sums_the_run(open_app, seeded):
    app = open_app(seeded, TRACE, trace=trace_hex(1))

    assert app.title[0].value == "composite/moa/openai/gpt-4o"
    assert app.text[0].value == QUESTION
    # Calls of 1, 1.5, 2 and 1 s in 3 s; the third proposer and the aggregator decided how long it took.
    assert figures(app) == {
        "Latency": "3.0 s",
        "Cost": "$0.1000",
        "Model calls": "4",
        "Parallelism": "1.8×",
        "Critical path": "3.0 s",
        "Tokens": "1.1 k",
    }


def test_the_timeline_is_drawn_with_the_span_of_the_address_selected(open_app, seeded):
    app = open_app(seeded, TRACE, trace=trace_hex(1), span=span_hex(4))

    assert app.get("bidi_component")
    assert app.subheader[0].value == "proposer 2"


def test_the_inspector_shows_what_a_call_cost_and_how_that_is_known(open_app, seeded):
    app = open_app(seeded, TRACE, trace=trace_hex(1), span=span_hex(3))

    inspected = {metric.label: metric.value for metric in app.metric[-7:]}
    assert inspected == {
        "Duration": "1.0 s",
        "Own time": "1.0 s",
        "Cost": "$0.0100",
        "Input tokens": "100",
        "of it cached": "40",
        "Output tokens": "10",
        "of it reasoning": "–",
    }
    assert "Cost from litellm, price table prices-1. Tokens as the provider counted them." in captions(app)


def test_the_inspector_shows_what_went_in_and_what_came_out(open_app, seeded):
    app = open_app(seeded, TRACE, trace=trace_hex(1), span=span_hex(3))

    shown = [text.value for text in app.text]
    assert shown.count(QUESTION) == 2, "at the top, and as the input"
    assert "Answer 3." in shown
    assert any('"gen_ai.request.model": "gpt-4o"' in code.value for code in app.code)


def test_missing_content_is_explained_by_what_the_collector_keeps(open_app, seeded, tmp_path):
    with running_collector(tmp_path / "none", policy=ContentPolicy("none")) as running:
        running.send(moa_trace(1))
        kept_out = captions(open_app(running.url, TRACE, trace=trace_hex(1), span=span_hex(3)))
    never_sent = captions(open_app(seeded, TRACE, trace=trace_hex(4), span=span_hex(1)))

    keeps_none = "This collector keeps no prompts and answers (COMPOSITE_LLM_CONTENT=none)."
    assert f"No input was recorded. {keeps_none}" in kept_out
    assert f"No output was recorded. {keeps_none}" in kept_out
    assert any(caption.startswith("No input was recorded. Its program sent none;") for caption in never_sent)
    assert not any(keeps_none in caption for caption in never_sent)


def test_a_failed_call_shows_its_error_and_no_cost(open_app, seeded):
    app = open_app(seeded, TRACE, trace=trace_hex(3), span=span_hex(3))

    assert app.error[0].value == "litellm.exceptions.RateLimitError"
    assert "openai: 429 <script>alert('quota')</script>" in [text.value for text in app.text]
    assert figures(app)["Cost"] == "–"
    assert "Refused before anything was used." in captions(app)
    assert "No output was recorded. The call gave none." in captions(app)


def test_an_unpriced_call_costs_unknown_and_never_nothing(open_app, seeded):
    app = open_app(seeded, TRACE, trace=trace_hex(4), span=span_hex(1))

    assert figures(app)["Cost"] == "unknown"
    assert "No price is known for this call." in captions(app)


def test_next_previous_and_parent_go_through_the_address(open_app, seeded):
    app = open_app(seeded, TRACE, trace=trace_hex(1), span=span_hex(4))

    app.button(key="go_Next").click().run()
    assert app.query_params["span"] == span_hex(5)
    app.button(key="go_Parent").click().run()
    assert app.query_params["span"] == span_hex(2)
    assert app.subheader[0].value == "propose"


def test_the_first_span_has_nothing_before_it(open_app, seeded):
    app = open_app(seeded, TRACE, trace=trace_hex(1), span=span_hex(1))

    assert app.button(key="go_Previous").disabled
    assert app.button(key="go_Parent").disabled
    assert not app.button(key="go_Next").disabled


def test_the_spans_tab_says_the_same_as_a_table(open_app, seeded):
    app = open_app(seeded, TRACE, trace=trace_hex(1), view="Spans")

    table = app.dataframe[0].value
    assert not app.get("bidi_component")
    rows = table[["Span", "Cost"]].values.tolist()
    assert [(name.strip("\u2003"), round(cost, 9)) for name, cost in rows] == [
        ("moa", 0.10),
        ("propose", 0.06),
        ("proposer 1", 0.01),
        ("proposer 2", 0.02),
        ("proposer 3", 0.03),
        ("aggregate", 0.04),
        ("aggregator", 0.04),
    ]


def test_a_simulated_run_wears_a_badge(open_app, start_collector):
    url = start_collector(*moa_trace(1, start_ns=STARTED_NS, simulated=True))
    app = open_app(url, TRACE, trace=trace_hex(1), span=span_hex(3))

    assert sum("simulated" in markdown.value for markdown in app.markdown) == 2
    assert any("simulated, so nothing was billed" in caption for caption in captions(app))


def test_an_unknown_trace_is_a_sentence_and_a_way_back(open_app, seeded):
    app = open_app(seeded, TRACE, trace="not a trace")

    assert app.title[0].value == "No such trace"
    assert app.code[0].value == "not a trace"
    assert app.page_link[0].value == "All traces"


def test_without_an_id_it_says_where_runs_are_opened(open_app, seeded):
    app = open_app(seeded, TRACE)

    assert app.title[0].value == "No run is open"
    assert app.markdown[0].value == "Open a run from Traces."
    assert not app.code


def test_an_unknown_span_leaves_the_trace_readable(open_app, seeded):
    app = open_app(seeded, TRACE, trace=trace_hex(1), span="nothing")

    assert "This trace has no span with the id in the address." in captions(app)
    assert app.get("bidi_component")


def test_a_span_whose_parent_is_missing_is_shown_and_marked(open_app, start_collector):
    url = start_collector(
        *moa_trace(1, start_ns=STARTED_NS), span("late", number=99, parent=98, start_ns=STARTED_NS)
    )
    app = open_app(url, TRACE, trace=trace_hex(1), view="Spans")

    notes = dict(zip(app.dataframe[0].value["Span"], app.dataframe[0].value["Note"], strict=True))
    assert notes["late"] == "parent missing"


def test_the_inspector_says_why_usage_of_another_library_does_not_count(open_app, start_collector):
    used = {
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.usage.input_tokens": 30,
        "gen_ai.usage.output_tokens": 3,
    }
    url = start_collector(
        span("agent", trace=7, number=1, attributes=used | {"gen_ai.operation.name": "invoke_agent"}),
        span("chat", trace=7, number=2, parent=1, attributes=used | {"gen_ai.operation.name": "chat"}),
    )

    agent = open_app(url, TRACE, trace=trace_hex(7), span=span_hex(1))
    assert "Usage: not counted – repeats the spans below it. As gen_ai writes it." in captions(agent)
    assert figures(agent)["Model calls"] == "1"
    call = open_app(url, TRACE, trace=trace_hex(7), span=span_hex(2))
    assert "Usage: counted – its own. As gen_ai writes it." in captions(call)


@pytest.mark.parametrize("spans", [more_than_calls, maybe_repeated])
def test_an_agent_of_more_than_its_calls_is_no_call_without_a_price(open_app, start_collector, spans):
    app = open_app(start_collector(*spans(7)), TRACE, trace=trace_hex(7), span=span_hex(1))

    badges = [markdown.value for markdown in app.markdown]
    assert figures(app)["Cost"] == "$0.5000", "of the span inspected"
    assert next(metric.value for metric in app.metric if metric.label == "Cost") == "≥ $0.1000"
    assert any("usage missing" in badge for badge in badges)
    assert not any("without a price" in badge for badge in badges)
    assert any("None of what it tells is in the run's cost" in caption for caption in captions(app))


def test_a_cost_that_is_unknown_is_no_bound(open_app, seeded, start_collector):
    unknown = open_app(seeded, TRACE, trace=trace_hex(4))
    partly = open_app(start_collector(*more_than_calls(7)), TRACE, trace=trace_hex(7))

    def note(app):
        return next(metric.delta for metric in app.metric if metric.label == "Cost")

    assert (note(unknown), note(partly)) == ("no price known", "lower bound")
