"""What is found wrong with answers without asking anybody."""

import litellm
import pytest

from composite_llm.engine.transport import Answer, Choice
from composite_llm.strategies.parts.validators import calls_what_there_is, is_json_of, matches, refuses


def answer(text="", finish_reason="stop", **message):
    said = {"role": "assistant", "content": text, **message}
    return Answer(litellm.ModelResponse(), [Choice(said, finish_reason)], None, None)


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't help with that.",
        "I’m sorry, I am unable to answer this question.",
        "Sorry, can't do that.",
        "Unfortunately, I cannot access the web.",
        "I apologize, but I won't provide instructions for this.",
        "I cannot assist with this request.",
        "I'm not able to directly open links.",
        "As an AI language model, I have no opinions.",
        "**I can't comply with that.**",
        "Es tut mir leid, aber dabei kann ich nicht helfen.",
        "Ich kann Ihnen dabei leider nicht helfen.",
        "Je suis désolé, mais je ne peux pas vous aider.",
        "Lo siento, no puedo ayudar con eso.",
    ],
)
def test_a_refusal_is_known_by_how_it_begins(text):
    assert refuses(answer(text))


@pytest.mark.parametrize(
    "text",
    [
        "42",
        "Sorry to hear that you can't sleep. Try this:",
        "I can't recommend this book enough.",
        "You cannot divide by zero.",
        "The server will not answer while it starts.",
        "A cascade asks cheap models first. " * 20 + "I cannot help with that.",
        "She said she was sorry. Then they went home, and nobody was able to help.",
        "Es tut gut, das zu lesen.",
    ],
)
def test_what_only_uses_such_words_is_none(text):
    assert not refuses(answer(text))


def test_a_provider_may_say_so_itself():
    assert refuses(answer("Hm", finish_reason="content_filter"))
    assert refuses(answer("Hm", refusal="I will not."))


SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}


@pytest.mark.parametrize(
    ("text", "schema", "holds"),
    [
        ('{"n": 1}', SCHEMA, True),
        ('\n```json\n{"n": 1}\n```\n', SCHEMA, True),
        ('Here: {"n": 1}', SCHEMA, False),
        ('{"n": "1"}', SCHEMA, False),
        ("[" * 100_000, SCHEMA, False),
        ("1", {}, True),
        ("1", {"$ref": "http://127.0.0.1:1/schema"}, True),  # no answer's fault
    ],
)
def test_json_by_a_schema(text, schema, holds):
    assert is_json_of(text, schema) is holds


def test_a_pattern_that_takes_too_long_accepts_nothing():
    assert matches("a" * 60, "a+$")
    assert not matches("a" * 60 + "b", "(a|aa)+$")


def call(name, arguments):
    return {"id": "1", "type": "function", "function": {"name": name, "arguments": arguments}}


@pytest.mark.parametrize(
    ("made", "valid"),
    [
        ([call("add", '{"n": 1}')], True),
        ([call("add", '{"n": 1}'), call("add", '{"n": "1"}')], False),
        ([call("now", "")], True),
        ([call("now", "null")], False),
        ([call("later", "{}")], False),
        ([call("add", "{")], False),
    ],
)
def test_calls_fit_what_was_offered(made, valid):
    tools = [
        {"type": "web_search"},
        {"type": "function", "function": {"name": "add", "parameters": SCHEMA}},
        {"type": "function", "function": {"name": "now"}},
    ]
    assert calls_what_there_is(answer(tool_calls=made), tools) is valid
