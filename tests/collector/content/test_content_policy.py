"""Nothing that may not be kept reaches the disk, whoever sends it and whichever way it comes."""

import gzip
import json
from contextlib import ExitStack
from pathlib import Path

import duckdb
import pytest

from collector.content.keys import is_content
from collector.content.policy import ContentPolicy, policy_of
from collector.errors import BadRedaction
from collector.sending.lost_spans import say_lost
from collector.spool.folder import Spool
from composite_llm import conventions as c
from tests.collector.running import CollectorProcess, RunningCollector, running_collector, wait_until
from tests.otlp_traces import NOON, export_request, key_values, link, span

SECRETS = {
    "email": "ada.lovelace@example.org",
    "card": "4111 1111 1111 1111",
    "key": "sk-proj-Zq8rT2vWx5yB7nM4",
    "token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NSJ9.c2lnbmF0dXJlLXBhcnQ",
    "own": "EMP-00417",
}
SECRET = " and ".join(SECRETS.values())
PROMPT = "Tell me of the purple elephant"
"""In content only, so it may be found nowhere where content is not kept."""

CONTENT = (
    *(
        "gen_ai.input.messages",
        "gen_ai.output.messages",
        "gen_ai.system_instructions",
        "gen_ai.tool.definitions",
    ),
    *("gen_ai.tool.call.arguments", "gen_ai.tool.call.result", "gen_ai.prompt", "gen_ai.completion"),
    *("gen_ai.prompt.0.content", "gen_ai.prompt.12.tool_calls.0.arguments", "gen_ai.completion.0.content"),
    *("input.value", "output.value", "llm.input_messages.0.message.content", "llm.output_messages.0.message"),
    *("llm.prompts", "llm.completions.0.text", "retrieval.documents.0.document.content", "tool.parameters"),
    *("traceloop.entity.input", "traceloop.entity.output", "langfuse.observation.input"),
    *("langfuse.observation.output", "langfuse.trace.input", "langfuse.trace.output", "all_messages_events"),
    *(
        "pydantic_ai.all_messages",
        "prompt",
        "final_result",
        "tool_arguments",
        "tool_response",
        "request_data",
    ),
    *(
        "response_data",
        "events",
        "logfire.msg",
        "mlflow.spanInputs",
        "mlflow.spanOutputs",
        "ai.prompt.messages",
    ),
    *(
        "llm.openai.messages",
        "llm.anthropic.content",
        "llm.openai.stringified_raw_response",
        "input",
        "output",
    ),
)
NO_CONTENT = (
    *("gen_ai.request.model", "gen_ai.usage.input_tokens", "gen_ai.prompt.name", "gen_ai.tool.name"),
    *("input.mime_type", "llm.model_name", "llm.token_count.prompt", "llm.usage.prompt_tokens"),
    *(
        "langfuse.observation.type",
        "traceloop.entity.name",
        "mlflow.spanType",
        "llm.request.type",
        "llm.cost.prompt",
    ),
    *("gen_ai.usage.output_tokens", "llm.invocation_parameters", "composite.call.role", "session.id"),
)


@pytest.fixture
def collecting(tmp_path):
    """A collector that keeps by a policy; `stop` lets go of its file."""
    with ExitStack() as running:

        def start(content: str) -> RunningCollector:
            patterns = tmp_path / "redact.txt"
            patterns.write_text("EMP-\\d{5}\n")
            policy = ContentPolicy(content, patterns)
            return running.enter_context(running_collector(tmp_path / "data", policy=policy))

        start.stop = running.close
        yield start


def telltale():
    """A request with the secrets in every field that holds text, and the prompt in all that hold content."""
    nested = {"deep": [{"er": SECRET}], SECRETS["email"]: 1}
    content = dict.fromkeys(CONTENT, f"{PROMPT} {SECRET}")
    content["input.value"] = json.dumps([{"role": "user", "content": f"{PROMPT}\n{SECRET}"}])
    content["gen_ai.tool.call.arguments"] = [{"x": PROMPT}, {"y": SECRET}]
    others = {
        "user.id": SECRETS["email"],
        "gen_ai": {"input": {"messages": [PROMPT]}, "calls": [{"messages": PROMPT}]},
        "nested": nested,
        "utf8": SECRET.encode(),
        "binary": b"\xff\xfe" + SECRET.encode(),
        "number": 4111111111111111,
        "http.request.header.authorization": ["hunter2hunter2"],
    }
    whole = span(
        f"span of {SECRET}",
        attributes=content | others,
        error=f"refused: {SECRET}",
        events=[
            exception(SECRET),
            message("gen_ai.user.message", {"content": f"{PROMPT} {SECRET}", "role": "user"}),
            message("gen_ai.choice", {"message": f"{PROMPT} {SECRET}", "index": 0}),
        ],
        links=[link(2, 5)],
    )
    whole.links[0].attributes.extend(key_values({"why": SECRET, "prompt": PROMPT}))
    whole.trace_state = f"k={SECRET}"
    request = export_request([whole], resource={"service.name": f"service of {SECRET}", "argv": [SECRET]})
    scope = request.resource_spans[0].scope_spans[0].scope
    scope.name, scope.version = f"scope {SECRET}", SECRET
    scope.attributes.extend(key_values({"a": SECRET}))
    request.resource_spans[0].schema_url = f"https://ada:{SECRETS['own']}@example.org/x"
    return request


def message(name, attributes):
    event = span("").events.add(name=name, time_unix_nano=NOON)
    event.attributes.extend(key_values(attributes))
    return event


def exception(text):
    return message("exception", {"exception.message": text, "exception.stacktrace": f"at line 1\n{text}"})


def found_on_disk(data: Path) -> list[str]:
    """Which secrets stand anywhere in the folder: in any byte, in any compressed file, in any column."""
    texts = []
    for file in data.rglob("*"):
        if file.is_file():
            texts.append(file.read_bytes())
            if file.suffix == ".gz":
                texts.append(gzip.decompress(texts[-1]))
    with duckdb.connect(str(data / "traces.duckdb"), read_only=True) as connection:
        for [table] in connection.sql("select table_name from duckdb_tables()").fetchall():
            for row in connection.table(table).fetchall():
                texts += [value if isinstance(value, bytes) else str(value).encode() for value in row]
    unwanted = {**SECRETS, "joined card": "4111111111111111", "header": "hunter2hunter2", "prompt": PROMPT}
    return sorted(name for name, secret in unwanted.items() if any(secret.encode() in text for text in texts))


EVERYTHING = ["card", "email", "header", "joined card", "key", "own", "prompt", "token"]


@pytest.mark.parametrize(("content", "found"), [("full", EVERYTHING), ("redacted", ["prompt"]), ("none", [])])
def test_what_is_sent_is_kept_by_the_policy(collecting, content, found):
    collector = collecting(content)
    assert collector.post(telltale().SerializeToString()).status_code == 200
    assert found_before_the_checkpoint(collector.data) == found
    collecting.stop()

    assert found_on_disk(collector.data) == found


def found_before_the_checkpoint(data: Path) -> list[str]:
    """Byte by byte, of what the running collector has written: the log of its last transactions is not compressed."""
    texts = [file.read_bytes() for file in data.rglob("*") if file.is_file()]
    unwanted = {**SECRETS, "joined card": "4111111111111111", "header": "hunter2hunter2", "prompt": PROMPT}
    return sorted(name for name, secret in unwanted.items() if any(secret.encode() in text for text in texts))


@pytest.mark.parametrize(("content", "found"), [("redacted", ["prompt"]), ("none", [])])
def test_what_a_program_spooled_is_kept_by_the_policy_too(collecting, tmp_path, content, found):
    spool = Spool(tmp_path / "data")
    bad = telltale()
    bad.resource_spans[0].scope_spans[0].spans.add(name=f"no id {SECRET}").attributes.extend(
        key_values({"input.value": PROMPT})
    )
    spool.put(gzip.compress(telltale().SerializeToString()))
    spool.put(gzip.compress(bad.SerializeToString()))
    spool.put(SECRET.encode() + PROMPT.encode())  # nobody can read it as spans

    collector = collecting(content)
    wait_until(lambda: spool.waiting() == [])
    health = collector.inside.health()
    collecting.stop()

    assert (health.spool_landed, health.spool_set_aside, health.spool_discarded) == (2, 1, 1)
    assert len(list(spool.rejected.iterdir())) == 1
    assert found_on_disk(collector.data) == found


def test_what_replaced_the_secrets_says_what_was_there(collecting):
    collector = collecting("redacted")
    collector.post(telltale().SerializeToString())

    [row] = collector.ask("span_detail", trace_id=f"{1:032x}", span_id=f"{1:016x}")
    told = "[email] and [card] and [key] and [key] and [redacted]"
    assert json.loads(row["input_value"]) == [{"role": "user", "content": f"{PROMPT}\n{told}"}]
    assert row["name"] == f"span of {told}"
    assert json.loads(row["attributes"])["nested"] == {"deep": [{"er": told}], "[email]": 1}


def test_without_content_the_figures_stay(collecting):
    collector = collecting("none")
    whole = telltale()
    whole.resource_spans[0].scope_spans[0].spans[0].attributes.extend(
        key_values({c.SPAN_TYPE: c.LLM_CALL, c.REQUEST_MODEL: "gpt-4o", c.INPUT_TOKENS: 7, c.COST_USD: 0.25})
    )
    collector.post(whole.SerializeToString())

    [row] = collector.ask("span_detail", trace_id=f"{1:032x}", span_id=f"{1:016x}")
    assert (row["model"], row["input_tokens"], row["cost_usd"]) == ("gpt-4o", 7, 0.25)
    assert row["input_value"] is None
    assert collector.inside.health().content == "none"
    choice = json.loads(row["events"])[2]
    assert (choice["name"], choice["attributes"]) == ("gen_ai.choice", {"index": 0})


SOUNDS_LIKE_CONTENT = (
    *("user_prompt", "raw_input", "my.prompt", "http.request.body", "db.query.text", "rawInput", "PROMPT"),
    *("composite.question", "llm_response", "error.message", "langfuse.observation.status_message"),
    *("app.messages.0", "exception.message", "exception.stacktrace", "mlflow.chunk.value"),
)
SOUNDS_LIKE_NONE = (
    *("gen_ai.output.type", "gen_ai.response.model", "gen_ai.response.id", "gen_ai.prompt.name"),
    *("gen_ai.response.finish_reasons", "input.mime_type", "gen_ai.request.model", "prompt_id"),
    *("langfuse.observation.usage_details", "langfuse.observation.completion_start_time", "llm.cost.prompt"),
    *("metadata.usage_object", "gen_ai.token.type", "exception.type", "error.type", "throughput"),
    *("http.request.method", "gen_ai.usage.input_tokens", "composite.config.hash"),
)


def left_without_content(request) -> list[str]:
    ContentPolicy("none").apply(request)
    return [pair.key for pair in request.resource_spans[0].scope_spans[0].spans[0].attributes]


@pytest.mark.parametrize(
    "value", [PROMPT, PROMPT.encode(), [PROMPT], [[PROMPT]]], ids=["text", "bytes", "list", "lists"]
)
def test_without_content_texts_go_that_sound_like_it(value):
    request = export_request([span("x", attributes=dict.fromkeys(SOUNDS_LIKE_CONTENT, value))])
    left = left_without_content(request)

    assert [key for key in SOUNDS_LIKE_CONTENT if key in left] == []
    assert PROMPT.encode() not in request.SerializeToString()


def test_without_content_words_stay_that_are_none():
    request = export_request([span("x", attributes=dict.fromkeys(SOUNDS_LIKE_NONE, "word"))])

    assert [key for key in SOUNDS_LIKE_NONE if key not in left_without_content(request)] == []


def test_without_content_figures_and_flags_stay():
    figures = {"my.prompt": 7, "raw_input": True, "answer_score": 0.5, "output_sizes": [1, 2]}
    inside = {"http": {"request": {"body": PROMPT, "body.size": 7}}}
    request = export_request([span("x", attributes=figures | inside)])

    assert [key for key in (*figures, "http") if key not in left_without_content(request)] == []
    assert PROMPT.encode() not in request.SerializeToString()
    assert b"body.size" in request.SerializeToString()


def test_without_content_errors_keep_their_class(collecting):
    failed = span(
        "x",
        attributes={c.SPAN_TYPE: c.REQUEST, c.ERROR_TYPE: "openai.BadRequestError", "input.value": PROMPT},
        error=f"you said: {PROMPT}",
        events=[
            message(
                "exception",
                {
                    "exception.type": "BadRequestError",
                    "exception.message": PROMPT,
                    "exception.stacktrace": PROMPT,
                },
            )
        ],
    )
    request = export_request([failed], resource={"process.command_args": ["ask", PROMPT]})
    request.resource_spans[0].scope_spans[0].scope.attributes.extend(key_values({"prompt": PROMPT}))
    collector = collecting("none")
    collector.post(request.SerializeToString())

    [row] = collector.ask("span_detail", trace_id=f"{1:032x}", span_id=f"{1:016x}")
    assert (row["status"], row["status_message"]) == ("error", None)
    assert row["error_type"] == "openai.BadRequestError"
    [event] = json.loads(row["events"])
    assert event["attributes"] == {"exception.type": "BadRequestError"}
    collecting.stop()
    with duckdb.connect(str(collector.data / "traces.duckdb"), read_only=True) as connection:
        assert connection.sql("select question from spans").fetchall() == [(None,)]
    assert found_on_disk(collector.data) == []


@pytest.mark.parametrize("key", CONTENT)
def test_prompts_and_answers_are_known_in_every_dialect(key):
    assert is_content(key)


@pytest.mark.parametrize("key", NO_CONTENT)
def test_what_a_call_was_and_used_is_no_content(key):
    assert not is_content(key)


def test_all_under_a_secret_name_goes():
    attributes = {
        "api_key": {"value": "s3cret", "more": [{"n": 7}]},
        "password": 1234,
        "token": ["a", 1.5],
        "card": 4111111111111111.0,
        "max_tokens": 4096,
    }
    request = export_request([span("x", attributes=attributes)])
    ContentPolicy("redacted").apply(request)

    expected = {
        "api_key": {"value": "[key]", "more": [{"n": "[key]"}]},
        "password": "[key]",
        "token": ["[key]", "[key]"],
        "card": "[card]",
        "max_tokens": 4096,
    }
    found = request.resource_spans[0].scope_spans[0].spans[0].attributes
    assert list(found)[-len(expected) :] == key_values(expected)


def test_fields_of_a_newer_protocol_are_not_kept_unread():
    request = telltale()
    secret = SECRETS["email"].encode()
    newer = request.SerializeToString() + b"\xfa\x3e" + bytes([len(secret)]) + secret  # field 1007, a text
    request = type(request).FromString(newer)
    assert secret in request.SerializeToString()
    ContentPolicy("redacted").apply(request)

    assert secret not in request.SerializeToString()


def test_with_full_content_a_request_is_not_touched():
    request = telltale()
    ContentPolicy("full").apply(request)

    assert request == telltale()


def test_a_word_nobody_knows_keeps_no_content_and_says_so(caplog):
    assert policy_of("redactd", None).content == "none"
    assert "content 'redactd' is none of full, redacted, none" in caplog.text


@pytest.mark.parametrize(("word", "content"), [("", "full"), ("Full", "full"), (" NONE ", "none")])
def test_a_word_stands_for_a_policy(word, content):
    assert policy_of(word, None).content == content


def test_patterns_without_a_word_mean_redacted(tmp_path):
    file = tmp_path / "own.txt"
    file.write_text("x+")

    assert policy_of("", file).content == "redacted"


def test_patterns_that_cannot_be_used_keep_a_collector_from_starting(tmp_path):
    file = tmp_path / "own.txt"
    file.write_text("(")
    with pytest.raises(BadRedaction, match=r"own\.txt, line 1: '\(' is not a regular expression"):
        policy_of("redacted", file)

    process = CollectorProcess(tmp_path / "data", "--content", "redacted", "--redact", str(file))
    code, errors = process.close_input()
    assert code == 2
    assert "own.txt, line 1: '(' is not a regular expression" in errors


def test_log_lines_pass_the_policy_too(tmp_path):
    with CollectorProcess(tmp_path / "data", "--content", "redacted") as process:
        bad = span(f"no id {SECRET}")
        bad.span_id = b""
        RunningCollector(process.url, tmp_path, None).send([bad])
        _, errors = process.stop()

    assert "no id [email] and [card]" in errors
    assert SECRETS["email"] not in errors


def test_a_collector_counts_what_programs_lost(collector):
    request = export_request([span("after")])
    say_lost(request, 3)
    collector.post(request.SerializeToString())

    assert collector.inside.health().spans_lost == 3
