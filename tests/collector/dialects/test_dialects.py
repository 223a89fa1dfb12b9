"""What other instrumentations really send, posted to a collector.

Each file of `recorded` was sent by the package it is named for, on its way to a model that answered twice:
once at once (100 tokens in, 40 of them cached; 50 out, 20 of them reasoning) and once in a stream (300 in,
30 out). Attributes that say nothing here were left out of the files. What a package does not tell is zero in
the table below, and a cost is what the package says it was.
"""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.dialects import table as dialects
from collector.dialects.packed_values import (
    langfuse_cost,
    langfuse_usage,
    litellm_usage,
    mlflow_cost,
    openai_usage,
)
from collector.parameters import OneTrace, TraceFilter
from collector.queries import trace_otlp, trace_spans, traces
from collector.spans import otlp, otlp_export
from collector.spans.columns import span_table
from tests.collector.running import EVERYTHING, JSON
from tests.otlp_traces import export_request, span

RECORDED = Path(__file__).parent / "recorded"

TRUTH = {
    # calls, input, cached, output, reasoning, cost (of all calls), runs
    "gen_ai": (2, 400, 0, 80, 0, None, 1),
    "openinference": (2, 400, 40, 80, 20, None, 1),
    "openllmetry": (2, 400, 40, 80, 20, None, 1),
    # A third generation by hand: 60 + 40 cached + 10 written to the cache, 7 out, 2 cents and 1 cent.
    "langfuse": (3, 510, 80, 87, 20, 0.03, 1),
    "logfire": (2, 400, 40, 80, 20, 0.000105, 1),
    "pydantic_ai": (2, 400, 40, 80, 20, 0.000105, 1),
    # The same, and Logfire's instrumentation of the client below it.
    "pydantic_ai_layers": (2, 400, 40, 80, 20, 0.000105, 1),
    "litellm_v1": (2, 400, 40, 80, 20, 0.001092, 2),
    "litellm_v2": (2, 400, 40, 80, 0, 0.001092, 2),
    "mlflow": (2, 400, 40, 80, 0, None, 1),
    "openinference_litellm": (1, 100, 40, 50, 20, 0.000042, 1),
}


def recorded(name: str) -> bytes:
    return (RECORDED / f"{name}.json").read_bytes()


def landed(store, name):
    """The ids of the traces."""
    return set(store.land(otlp.batch_of(otlp.from_json(recorded(name))))["trace_id"].to_pylist())


def sums_of(collector, name):
    """Of the traces in the file, as the collector adds them up."""
    traces = {row.trace_id for row in rows_of(name)}
    runs = [row for trace_id in traces for row in collector.ask("trace_summary", trace_id=trace_id)]
    names = ("calls", "input_tokens", "cached_tokens", "output_tokens", "reasoning_tokens", "cost_usd")
    return (*(sum(row[name] or 0 for row in runs) for name in names), len(runs))


def test_every_dialect_adds_up_to_what_was_used(collector):
    for name in TRUTH:
        assert collector.post(recorded(name), JSON).json() == {}

    for name, truth in TRUTH.items():
        known = tuple(value or 0 for value in truth)
        assert sums_of(collector, name) == pytest.approx(known), name
    [totals] = collector.ask("totals", **EVERYTHING)
    assert totals["calls"] == sum(truth[0] for truth in TRUTH.values())
    assert totals["input_tokens"] == sum(truth[1] for truth in TRUTH.values())
    assert totals["output_tokens"] == sum(truth[3] for truth in TRUTH.values())
    assert totals["spend_usd"] == pytest.approx(sum(truth[5] or 0 for truth in TRUTH.values()))


def rows_of(name):
    return otlp.batch_of(otlp.from_json(recorded(name))).rows


@pytest.mark.parametrize(
    ("name", "dialect"),
    [(name, name) for name in ("gen_ai", "openinference", "openllmetry", "langfuse", "logfire", "mlflow")]
    + [("pydantic_ai", "logfire"), ("litellm_v1", "litellm"), ("litellm_v2", "litellm")],
)
def test_a_dialect_is_known_by_its_keys(name, dialect):
    calls = [row for row in rows_of(name) if row.is_llm_call]

    assert {row.dialect for row in calls} == {dialect}
    assert {row.model for row in calls} <= {"gpt-4o-mini", "gpt-4o", "claude-sonnet-4-5"}
    assert {row.cost_source for row in calls if row.cost_usd is not None} <= {dialect}


@pytest.mark.parametrize(
    "name", ["openinference", "openllmetry", "langfuse", "mlflow", "openinference_layers"]
)
def test_a_run_of_another_library_is_listed_by_what_was_asked(store, name):
    landed(store, name)

    listed = traces(store, TraceFilter(**EVERYTHING))["question"].to_pylist()
    assert "Why is the sky blue?" in listed


@pytest.mark.parametrize(
    ("name", "roles"),
    [
        ("openllmetry", {"propose", "aggregate"}),
        ("openinference_layers", {"propose", "aggregate", None}),
        ("pydantic_ai", {"asker", "helper"}),
    ],
)
def test_who_called_is_the_role(name, roles):
    assert {row.role for row in rows_of(name) if row.is_llm_call} == roles


@pytest.mark.parametrize("name", ["openinference", "openllmetry", "langfuse"])
def test_whose_run_it_was_is_known(name):
    assert {(row.session_id, row.user_id) for row in rows_of(name) if row.is_llm_call} == {("s-1", "u-1")}


def test_why_a_span_does_not_count_is_shown(store):
    [trace_id] = landed(store, "pydantic_ai_layers")

    rows = trace_spans(store, OneTrace(trace_id=trace_id)).to_pylist()
    rules = {(row["name"], row["usage_rule"], row["is_llm_call"]) for row in rows}
    assert ("invoke_agent asker", "repeats the spans below it", False) in rules
    assert ("chat gpt-4o-mini", "the same response as another span, which counts", False) in rules


@pytest.mark.parametrize("name", [*TRUTH, "openinference_layers"])
def test_what_came_in_leaves_as_it_came(store, name):
    """Texts of content are moved into their columns, and back."""
    trace_ids = landed(store, name)

    sent = otlp.from_json(recorded(name))
    came = {each.span_id: each for rs in sent.resource_spans for ss in rs.scope_spans for each in ss.spans}
    for trace_id in trace_ids:
        data = otlp_export.traces_data(trace_otlp(store, OneTrace(trace_id=trace_id)).to_pylist())
        for each in (each for rs in data.resource_spans for ss in rs.scope_spans for each in ss.spans):
            before = came.pop(each.span_id)
            for message in (before, each):
                ordered = sorted(message.attributes, key=lambda pair: pair.key)
                del message.attributes[:]
                message.attributes.extend(ordered)
            assert each == before
    assert came == {}


@pytest.mark.parametrize(
    ("read", "text", "expected"),
    [
        (
            langfuse_usage,
            {
                "input": 5,
                "input_cached_tokens": 3,
                "input_cache_creation": 2,
                "output": 4,
                "output_reasoning_tokens": 1,
            },
            {
                "input_tokens": 10,
                "cached_tokens": 3,
                "cache_write_tokens": 2,
                "output_tokens": 5,
                "reasoning_tokens": 1,
            },
        ),
        (
            langfuse_usage,
            {"promptTokens": 5, "completionTokens": 4, "total": 9},
            {"input_tokens": 5, "output_tokens": 4},
        ),
        (langfuse_usage, {"input": "many", "output": -1, "total": True}, {}),
        (langfuse_cost, {"input": 1, "output": 2}, {"cost_usd": 3.0}),
        (langfuse_cost, {"input": 1, "output": 2, "total": 4}, {"cost_usd": 4.0}),
        (langfuse_cost, {}, {}),
        (
            openai_usage,
            {"input_tokens": 5, "output_tokens": 4, "input_tokens_details": {"cached_tokens": 3}},
            {"input_tokens": 5, "output_tokens": 4, "cached_tokens": 3},
        ),
        (mlflow_cost, {"input_cost": 1, "output_cost": 2, "total_cost": 3}, {"cost_usd": 3.0}),
    ],
)
def test_several_columns_in_one_text(read, text, expected):
    assert read(json.dumps(text)) == expected


@pytest.mark.parametrize("text", ["", "no JSON", "[]", "null", "7", '"text"', "[" * 100_000, "{" * 15_000])
@pytest.mark.parametrize("read", [langfuse_usage, langfuse_cost, openai_usage, litellm_usage, mlflow_cost])
def test_a_text_that_is_not_as_expected_says_nothing(read, text):
    assert read(text) == {}


def row_of(attributes):
    [row] = otlp.batch_of(export_request([span("a", attributes=attributes)], scope="other")).rows
    return row


def test_parts_told_beside_their_whole_are_added():
    row = row_of(
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.usage.input_tokens": 10,
            "gen_ai.usage.cache_read_input_tokens": 90,
            "gen_ai.usage.cache_creation_input_tokens": 5,
            "gen_ai.usage.output_tokens": 3,
            "gen_ai.usage.reasoning_tokens": 7,
        }
    )

    assert (row.input_tokens, row.cached_tokens, row.cache_write_tokens) == (105, 90, 5)
    assert (row.output_tokens, row.reasoning_tokens) == (10, 7)


@pytest.mark.parametrize(
    ("attributes", "span_type"),
    [
        ({"gen_ai.system": "openai", "gen_ai.request.model": "gpt-4"}, "llm_call"),
        ({"openinference.span.kind": "EMBEDDING"}, "llm_call"),
        ({"openinference.span.kind": "RETRIEVER"}, "retriever"),
        ({"langfuse.observation.type": "embedding"}, "llm_call"),
        ({"langfuse.observation.type": "span", "gen_ai.request.model": "gpt-4"}, "span"),
        ({"traceloop.span.kind": "workflow"}, "workflow"),
        ({"llm.request.type": "completion"}, "llm_call"),
        ({"mlflow.spanType": '"TOOL"'}, "tool"),
        ({"gen_ai.operation.name": "invoke_agent", "gen_ai.request.model": "gpt-4"}, "agent"),
        ({"gen_ai.operation.name": "request"}, None),
        ({"http.request.method": "GET"}, None),
    ],
)
def test_what_kind_of_span_it_is(attributes, span_type):
    row = row_of(attributes)

    assert row.span_type == span_type
    assert row.is_llm_call is (span_type == "llm_call")


KEYS = sorted(
    {key for marks in dialects.MARKS.values() for key in marks}
    | {
        key
        for table in (dialects.KEYS, dialects.CONTENT)
        for row in table.values()
        for keys in row.values()
        for key in keys
    }
    | {key for blobs in dialects.BLOBS.values() for key, _ in blobs}
    | {"metadata", "output.value", "logfire.span_type"}
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(
        ["LLM", "chat", '{"input": 1e999}', '{"total": -1, "input": true}', '{"prompt_tokens": {}}', "[["]
    )
    | st.dictionaries(st.sampled_from(["input", "output", "total_cost"]), st.integers(), max_size=2).map(
        json.dumps
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=8))
def test_whatever_a_sender_writes_becomes_a_row_of_the_right_types(attributes):
    row = row_of(attributes)

    assert span_table([row]).num_rows == 1
    counts = (row.input_tokens, row.output_tokens, row.cached_tokens, row.reasoning_tokens)
    assert all(count is None or 0 <= count <= 4 * 10**12 for count in counts)
    assert row.cost_usd is None or 0 <= row.cost_usd < float("inf")
