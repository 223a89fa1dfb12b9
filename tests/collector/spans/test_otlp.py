"""Requests in, rows out."""

import json

import pytest
from google.protobuf import json_format

from collector.errors import NotOtlp
from collector.spans import otlp
from composite_llm import conventions as c
from tests.otlp_traces import (
    MS,
    NOON,
    export_request,
    foreign_trace,
    link,
    moa_trace,
    span,
    span_hex,
    trace_hex,
)


def rows_of(*spans):
    batch = otlp.batch_of(export_request(spans))
    assert batch.rejected == []
    return batch.rows


def row_with(attributes, **more):
    [row] = rows_of(span("a", attributes=attributes, **more))
    return row


def as_otlp_json(request) -> dict:
    """As a sender of OTLP/JSON writes it: ids in hex, where protobuf's own mapping has base64."""
    body = json_format.MessageToDict(request)
    for resource_spans in body["resourceSpans"]:
        for scope_spans in resource_spans["scopeSpans"]:
            for each, sent in zip(
                scope_spans["spans"], request.resource_spans[0].scope_spans[0].spans, strict=True
            ):
                each["traceId"] = sent.trace_id.hex()
                each["spanId"] = sent.span_id.hex().upper()
                if sent.parent_span_id:
                    each["parentSpanId"] = sent.parent_span_id.hex()
                for written, original in zip(each.get("links", []), sent.links, strict=True):
                    written["traceId"] = original.trace_id.hex()
                    written["spanId"] = original.span_id.hex()
    return body


def test_a_model_call_becomes_one_typed_row():
    call = rows_of(*moa_trace())[0]

    assert (call.trace_id, call.span_id, call.parent_span_id) == (trace_hex(1), span_hex(3), span_hex(2))
    assert (call.start_ns, call.duration_ns) == (NOON, 1000 * MS)
    assert (call.strategy, call.role, call.model, call.provider) == (
        "moa",
        "proposer",
        "openai/gpt-4o",
        "openai",
    )
    assert (call.input_tokens, call.cached_tokens, call.output_tokens) == (100, 40, 10)
    assert (call.cost_usd, call.cost_source, call.billing) == (0.01, "litellm", "priced")
    assert call.is_llm_call
    assert call.output_value == "Answer 3."
    assert call.service_name == "composite-llm"


def test_protobuf_and_json_give_the_same_rows():
    request = export_request(moa_trace())

    from_json = otlp.from_json(json.dumps(as_otlp_json(request)).encode())

    assert otlp.batch_of(from_json, NOON).rows == otlp.batch_of(request, NOON).rows


def test_json_takes_whole_numbers_as_text_or_number_and_passes_over_unknown_fields():
    fields = {"traceId": trace_hex(1), "spanId": span_hex(1), "name": "a", "someday": {"new": 1}}
    as_text = fields | {"startTimeUnixNano": str(NOON), "endTimeUnixNano": str(NOON + 5)}
    as_number = fields | {"startTimeUnixNano": NOON, "endTimeUnixNano": NOON + 5}

    for written in (as_text, as_number):
        body = {"resourceSpans": [{"scopeSpans": [{"spans": [written]}]}], "someday": 1}
        [row] = otlp.batch_of(otlp.from_json(json.dumps(body).encode())).rows
        assert (row.start_ns, row.duration_ns) == (NOON, 5)


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"null",
        b"7",
        b"\xff\xfe",
        b'{"resourceSpans": 7}',
        b'{"resourceSpans": [{"scopeSpans": [{"spans": "x"}]}]}',
        b'{"resourceSpans": [{"scopeSpans": [{"scope": 7, "spans": []}]}]}',
        b"[" * 100_000,
    ],
)
def test_json_that_is_no_request_is_refused(body):
    with pytest.raises(NotOtlp):
        otlp.from_json(body)


def test_json_that_is_no_request_is_refused_in_words():
    with pytest.raises(NotOtlp, match="resourceSpans must be a list of objects"):
        otlp.from_json(b'{"resourceSpans": [null, {}]}')


def from_spans(*spans):
    body = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]})
    return otlp.batch_of(otlp.from_json(body.encode()))


IDS = {"traceId": trace_hex(1), "spanId": span_hex(1)}


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ("x", "trace id"),
        (None, "it is no object"),
        (IDS | {"kind": 1e400}, "infinity"),
        (IDS | {"startTimeUnixNano": "soon"}, "startTimeUnixNano"),
        (IDS | {"startTimeUnixNano": -1}, "startTimeUnixNano"),
        (IDS | {"attributes": 7}, "attributes"),
        (IDS | {"links": "x"}, "links"),
        (IDS | {"links": [None]}, "links"),
        (IDS | {"name": 7}, "name"),
        (IDS | {"traceId": trace_hex(1)[:30] + " 1"}, "trace id"),
        (IDS | {"traceId": 7}, "trace id"),
    ],
)
def test_a_span_in_json_that_cannot_be_read_is_rejected_alone(bad, said):
    batch = from_spans(bad, IDS | {"name": "good"})

    assert [row.name for row in batch.rows] == ["good"]
    assert batch.rejection().startswith("1 of 2 spans rejected: ")
    assert said in batch.rejection()


def test_null_is_no_parent():
    [row] = from_spans(IDS | {"parentSpanId": None}).rows

    assert row.parent_span_id is None


def test_protobuf_that_is_no_request_is_refused():
    with pytest.raises(NotOtlp):
        otlp.from_protobuf(b"this is not protobuf")


def test_a_bad_span_is_left_out_and_named_and_its_neighbours_are_kept():
    good, short, zero, child, late = (
        span(name, number=7) for name in ("good", "short", "zero", "child", "late")
    )
    short.trace_id = b"\1\2\3"
    zero.span_id = bytes(8)
    child.parent_span_id = b"\1"
    late.start_time_unix_nano = 2**63 - 1

    batch = otlp.batch_of(export_request([short, zero, good, child, late]))

    assert [row.name for row in batch.rows] == ["good"]
    assert batch.rejection() == (
        "4 of 5 spans rejected: span 'short': trace id '010203' is not 16 bytes, not all zero; "
        "span 'zero': span id '0000000000000000' is not 8 bytes, not all zero; "
        "span 'child': parent span id '01' is not 8 bytes; "
        "span 'late': its start lies beyond the year 2262"
    )


def test_an_id_that_is_no_hex_rejects_only_its_own_span():
    body = as_otlp_json(export_request([span("good", number=1), span("bad", number=2)]))
    body["resourceSpans"][0]["scopeSpans"][0]["spans"][1]["spanId"] = "not hex"

    batch = otlp.batch_of(otlp.from_json(json.dumps(body).encode()))

    assert [row.name for row in batch.rows] == ["good"]
    assert len(batch.rejected) == 1


@pytest.mark.parametrize(
    ("escaped", "expected"), [(r"cut \ud83d", "cut ?"), (r"whole \ud83d\ude00", "whole \N{GRINNING FACE}")]
)
def test_half_a_character_in_json_costs_only_itself(escaped, expected):
    fields = f'"traceId": "{trace_hex(1)}", "spanId": "{span_hex(1)}", "name": "{escaped}", "{escaped}": 1'
    body = '{"resourceSpans": [{"scopeSpans": [{"spans": [{' + fields + "}]}]}]}"

    [row] = otlp.batch_of(otlp.from_json(body.encode())).rows

    assert row.name == expected


def test_many_rejections_make_a_short_message():
    spans = [span("a") for _ in range(100)]
    for each in spans:
        each.span_id = b""

    message = otlp.batch_of(export_request(spans)).rejection()

    assert message.startswith("100 of 100 spans rejected: ")
    assert message.endswith("; and 95 more")


def test_a_parent_of_zeros_is_no_parent():
    root = span("root")
    root.parent_span_id = bytes(8)

    assert rows_of(root)[0].parent_span_id is None


def test_an_end_before_the_start_is_a_duration_of_zero():
    [backwards, unended, endless] = [span(name, number=n) for n, name in enumerate(("b", "u", "e"), start=1)]
    backwards.end_time_unix_nano = NOON - 1
    unended.end_time_unix_nano = 0
    endless.end_time_unix_nano = 2**64 - 1

    assert [row.duration_ns for row in rows_of(backwards, unended, endless)] == [0, 0, 2**63 - 2 - NOON]


def test_values_json_does_not_know_survive_as_json():
    row = row_with(
        {
            "bytes": b"\0\xff",
            "nan": float("nan"),
            "most": float("inf"),
            "least": float("-inf"),
            "nested": {"list": [1, 2.5, True, None, {"deep": b"\1"}], "empty": {}},
            "large": 2**63 - 1,
            "nothing": None,
            "empty": "",
            "nul": "a\0b",
        }
    )

    assert json.loads(row.attributes) == {
        "bytes": "AP8=",
        "nan": "NaN",
        "most": "Infinity",
        "least": "-Infinity",
        "nested": {"list": [1, 2.5, True, None, {"deep": "AQ=="}], "empty": {}},
        "large": 2**63 - 1,
        "nothing": None,
        "empty": "",
        "nul": "a\0b",
    }


def test_a_value_of_the_wrong_type_stays_an_attribute_and_fills_no_column():
    attributes = {
        c.INPUT_TOKENS: "many",
        c.OUTPUT_TOKENS: -5,
        c.REASONING_TOKENS: 10**15,
        c.COST_USD: float("nan"),
        c.STRATEGY: 7,
        c.CALL_ATTEMPT: True,
        c.SIMULATED: "yes",
    }

    row = row_with(attributes)

    assert (row.input_tokens, row.output_tokens, row.reasoning_tokens) == (None, None, None)
    assert (row.cost_usd, row.strategy, row.attempt, row.simulated) == (None, None, None, False)
    assert json.loads(row.attributes) == attributes | {c.COST_USD: "NaN"}


def test_a_whole_number_written_as_a_float_is_a_count():
    assert row_with({c.INPUT_TOKENS: 70.0}).input_tokens == 70


def test_the_model_is_named_as_litellm_names_it_else_as_requested_else_as_answered():
    names = {c.LITELLM_MODEL: "openai/a", c.REQUEST_MODEL: "b", c.RESPONSE_MODEL: "c"}

    assert row_with(CALL | names).model == "openai/a"
    assert row_with({key: names[key] for key in (c.REQUEST_MODEL, c.RESPONSE_MODEL)}).model == "b"
    assert row_with({c.RESPONSE_MODEL: "c"}).model == "c"


def test_a_call_of_another_instrumentation_is_a_call_by_its_operation():
    [row] = rows_of(*foreign_trace())

    assert row.is_llm_call
    assert (row.model, row.billing, row.cost_usd) == ("gpt-4o-mini", "unpriced", None)


@pytest.mark.parametrize(
    ("operation", "expected"),
    [("chat", True), ("embeddings", True), ("invoke_agent", False), ("execute_tool", False)],
)
def test_operations_that_are_calls(operation, expected):
    assert row_with({c.OPERATION: operation}).is_llm_call is expected


def test_our_span_type_decides_over_the_operation():
    assert not row_with({c.OPERATION: "chat", c.SPAN_TYPE: c.STAGE}).is_llm_call


CALL = {c.SPAN_TYPE: c.LLM_CALL}


@pytest.mark.parametrize(
    ("attributes", "error", "expected"),
    [
        ({c.COST_USD: 0.0}, None, "priced"),
        ({c.INPUT_TOKENS: 1}, None, "unpriced"),
        ({c.CALL_OUTCOME: "ok"}, None, "unpriced"),
        ({c.CALL_OUTCOME: "error", c.INPUT_TOKENS: 1}, None, "unpriced"),
        ({c.CALL_OUTCOME: "error", c.USAGE_SOURCE: "none"}, "refused", "unbilled"),
        ({c.CALL_OUTCOME: "error", c.USAGE_SOURCE: "missing"}, "cut off", "unpriced"),
        ({c.CALL_OUTCOME: "timeout", c.USAGE_SOURCE: "missing"}, "too late", "unpriced"),
        ({c.CALL_OUTCOME: "cancelled", c.USAGE_SOURCE: "missing"}, None, "unpriced"),
        ({c.CALL_OUTCOME: "cached", c.USAGE_SOURCE: "none", c.COST_USD: 0.0}, None, "unbilled"),
        ({}, "refused", "unbilled"),
        ({}, None, "unpriced"),
    ],
)
def test_what_is_known_about_a_calls_money(attributes, error, expected):
    assert row_with(CALL | attributes, error=error).billing == expected


def test_links_keep_their_ids_and_attributes():
    [row] = rows_of(span("a", links=[link(1, 3)]))

    assert json.loads(row.links) == [
        {
            "trace_id": trace_hex(1),
            "span_id": span_hex(3),
            "trace_state": "",
            "attributes": {c.LINK_TYPE: c.CONSUMES},
            "dropped_attributes": 0,
            "flags": 0,
        }
    ]


def test_structured_content_is_copied_as_json_and_kept_as_it_came():
    messages = [{"role": "user", "parts": []}]

    row = row_with({c.INPUT_MESSAGES: messages})

    assert json.loads(row.input_messages) == messages
    assert json.loads(row.attributes) == {c.INPUT_MESSAGES: messages}


def chat(*messages):
    return json.dumps([{"role": role, "content": content} for role, content in messages])


@pytest.mark.parametrize(
    ("input_value", "expected"),
    [
        (
            chat(("system", "Be brief."), ("user", "First?"), ("assistant", "Yes."), ("user", "Last?")),
            "Last?",
        ),
        (
            chat(("user", [{"type": "text", "text": "With"}, {"type": "image_url"}, {"text": "parts"}])),
            "With parts",
        ),
        (json.dumps({"messages": [{"role": "user", "content": "In a body?"}]}), "In a body?"),
        ("Plain text?", "Plain text?"),
        ("x" * 400, "x" * 300),
        ('[{"role": "user"}]', '[{"role": "user"}]'),
        ("42", "42"),
        (json.dumps({"args": ["Of a function?"], "kwargs": {}}), "Of a function?"),
        (json.dumps([{"role": "user", "parts": [{"type": "text", "content": "In parts?"}]}]), "In parts?"),
        (json.dumps({"question": "One?", "context": "Two."}), '{"question": "One?", "context": "Two."}'),
        ("[" * 100_000, "[" * 300),
    ],
)
def test_the_question_of_a_request_is_what_the_user_said_last(input_value, expected):
    assert row_with({c.SPAN_TYPE: c.REQUEST, c.INPUT_VALUE: input_value}).question == expected


def test_only_requests_have_a_question():
    assert row_with({c.SPAN_TYPE: c.LLM_CALL, c.INPUT_VALUE: "Plain?"}).question is None
