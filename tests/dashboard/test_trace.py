"""One trace: its figures, the span in the address, and what a wrong address says."""

import json

import pytest

from collector.content.policy import ContentPolicy
from composite_llm import conventions as c
from tests.collector.running import running_collector
from tests.dashboard.conftest import STARTED_NS
from tests.otlp_traces import (
    QUESTION,
    call_attributes,
    maybe_repeated,
    moa_trace,
    more_than_calls,
    request_attributes,
    span,
    span_hex,
    stage_attributes,
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


def test_a_council_is_read_stage_by_stage_with_who_ranked_whom(open_app, start_collector):
    ballots = [
        {"reviewer": 0, "members": [0, 1], "ranking": [1, 0]},
        {"reviewer": 1, "members": [0, 1], "ranking": [1, 0]},
    ]
    found = {c.COUNCIL_BALLOTS: json.dumps(ballots), c.COUNCIL_MEAN_RANKS: '{"0": 2.0, "1": 1.0}'}
    app = open_app(start_collector(*two_stages(found)), TRACE, trace=trace_hex(7), view="Conversation")

    texts = [text.value for text in app.text]
    assert {"Asked?", "Chosen answer.", "Answer 0.", "Answer 1.", "The end."} <= set(texts)
    matrix = app.dataframe[0].value
    assert matrix["Reviewer"].to_list() == ["reviewer 1", "reviewer 2", "mean rank"]
    assert matrix["member 1 · gpt-4o"].to_list() == ["2", "2", "2"]
    assert matrix["member 2 · claude"].to_list() == ["1", "1", "1"]
    assert any("Kendall's W: 1.00" in caption for caption in captions(app))
    assert any("mean rank 1" in markdown.value for markdown in app.markdown)
    assert not app.get("bidi_component"), "the timeline is drawn where it is open"


def test_what_was_said_in_a_trace_of_another_library_is_read_as_a_chat(open_app, start_collector):
    asked = {"role": "user", "parts": [{"type": "text", "content": "Weather?"}]}
    called = {
        "role": "assistant",
        "parts": [{"type": "tool_call", "name": "look", "arguments": {"at": "sky"}}],
    }
    told = {"role": "tool", "parts": [{"type": "tool_call_response", "response": "blue"}]}
    said = {"role": "assistant", "parts": [{"type": "text", "content": "Blue it is."}]}

    def chat(number, given, made):
        attributes = {
            "gen_ai.operation.name": "chat",
            "gen_ai.request.model": "gpt-4o",
            "gen_ai.input.messages": json.dumps(given),
            "gen_ai.output.messages": json.dumps(made),
        }
        return span("chat gpt-4o", trace=8, number=number, parent=1, start_ms=number, attributes=attributes)

    agent = span(
        "agent", trace=8, number=1, duration_ms=9, attributes={"gen_ai.operation.name": "invoke_agent"}
    )
    url = start_collector(agent, chat(2, [asked], [called]), chat(3, [asked, called, told], [said]))
    app = open_app(url, TRACE, trace=trace_hex(8), view="Conversation")

    assert [text.value for text in app.text].count("Weather?") == 1, "what was said before is not said again"
    assert "After 2 messages that were said before:" in captions(app)
    assert [code.value for code in app.code if "sky" in code.value] == ['{\n  "at": "sky"\n}']
    assert "blue" in [code.value for code in app.code]
    assert "Blue it is." in [text.value for text in app.text]


def test_long_answers_are_cut_until_all_is_asked_for(open_app, start_collector):
    long = "word " * 30_000
    call = call_attributes("openai/gpt-4o", "direct", "direct", trace=7, answer=long)
    url = start_collector(span("chat", trace=7, number=1, attributes=call))
    app = open_app(url, TRACE, trace=trace_hex(7), view="Conversation")

    assert "150,000 characters" in captions(app)
    assert all(len(text.value) < 3_000 for text in app.text)
    app.toggle(key=f"out-{span_hex(1)}").set_value(True).run()
    assert long in [code.value for code in app.code]


def test_the_table_of_spans_is_filtered_ordered_and_summed(open_app, seeded):
    app = open_app(seeded, TRACE, trace=trace_hex(1), view="Spans", role="proposer", in_order="Own cost")

    assert app.dataframe[0].value["Span"].to_list() == ["proposer 3", "proposer 2", "proposer 1"]
    assert any(caption.startswith("3 of 7 spans, 3 priced calls for \\$0.0600") for caption in captions(app))
    none = open_app(seeded, TRACE, trace=trace_hex(1), view="Spans", find="no such span")
    assert "No span of this trace passes these filters." in captions(none)


def test_a_span_is_shown_word_for_word(open_app, seeded):
    app = open_app(seeded, TRACE, trace=trace_hex(1), view="Raw", span=span_hex(7))

    told = json.loads(next(code.value for code in app.code if code.value.startswith("{")))
    assert (told["span_id"], told["cost_usd"]) == (span_hex(7), 0.04)
    assert told["attributes"][c.REQUEST_MODEL] == "gpt-4o"
    assert [link["span_id"] for link in told["links"]] == [span_hex(3), span_hex(4), span_hex(5)]


def test_a_span_leads_to_what_it_read_and_to_what_is_below_it(open_app, seeded):
    app = open_app(seeded, TRACE, trace=trace_hex(1), span=span_hex(7))
    app.button(key=f"Linked: what it read-{span_hex(7)}-{span_hex(4)}").click().run()
    assert app.query_params["span"] == span_hex(4)

    app = open_app(seeded, TRACE, trace=trace_hex(1), span=span_hex(2))
    app.button(key=f"Below it-{span_hex(2)}-{span_hex(5)}").click().run()
    assert app.subheader[0].value == "proposer 3"


def test_the_tries_at_a_call_lead_to_each_other_and_the_pause_between_them_is_told(open_app, start_collector):
    def attempt(number, which, start, duration, **more):
        told = call_attributes("openai/gpt-4o", "direct", "direct", trace=7) | {c.CALL_ATTEMPT: which}
        return span(
            "chat",
            trace=7,
            number=number,
            parent=1,
            start_ms=start,
            duration_ms=duration,
            attributes=told,
            **more,
        )

    request = request_attributes(
        "direct", trace=7, question="Asked?", model_name="composite/direct", simulated=False, answer="x"
    )
    url = start_collector(
        span("request", trace=7, number=1, duration_ms=4000, attributes=request),
        attempt(2, 1, 0, 1000, error="429"),
        attempt(3, 2, 1500, 2500),
    )
    app = open_app(url, TRACE, trace=trace_hex(7), span=span_hex(3))

    critical = next(metric for metric in app.metric if metric.label == "Critical path")
    assert (critical.value, critical.delta) == ("4.0 s", "88 % models · 500 ms retry wait")
    app.button(key=f"Tries at this call-{span_hex(3)}-{span_hex(2)}").click().run()
    assert app.query_params["span"] == span_hex(2)


def test_the_next_run_of_the_list_is_one_click_away(open_app, seeded):
    app = open_app(seeded, TRACE, trace=trace_hex(2), view="Raw")
    app.button(key="Older").click().run()
    assert app.query_params["trace"] == trace_hex(1)
    app.button(key="Older").click().run()
    assert app.query_params["trace"] == trace_hex(1), "there is no older one"
    app.button(key="Newer").click().run()
    app.button(key="Newer").click().run()
    assert app.query_params["trace"] == trace_hex(3)
    assert app.title[0].value.startswith("composite/moa")


def two_stages(found):
    """1 request, 2 propose with members 3 and 4, 5 rank, 6 synthesize with chair 7."""
    told = request_attributes(
        "council",
        trace=7,
        question="Asked?",
        model_name="composite/council",
        simulated=False,
        answer="Chosen answer.",
    )
    yield span("request", trace=7, number=1, duration_ms=30, attributes=told)
    for number, kind, more in ((2, "propose", {}), (5, "rank", found), (6, "synthesize", {})):
        attributes = stage_attributes(kind, number, "council", trace=7, fan_out=2) | more
        yield span("stage", trace=7, number=number, parent=1, start_ms=number, attributes=attributes)
    for number, parent, model, role, index, answer in (
        (3, 2, "openai/gpt-4o", "member", 0, "Answer 0."),
        (4, 2, "anthropic/claude", "member", 1, "Answer 1."),
        (7, 6, "openai/gpt-4o", "chair", 0, "The end."),
    ):
        attributes = call_attributes(model, role, "council", trace=7, index=index, answer=answer)
        yield span("chat", trace=7, number=number, parent=parent, start_ms=number, attributes=attributes)
