"""What no model can be asked is refused before anything is paid, by every door, with a span that says why."""

import json

import litellm
import pytest
from opentelemetry.trace import StatusCode

import composite_llm
from composite_llm import conventions as c

MOA = "composite/moa/sim/openai/gpt-4o"
MEMBERS = {"proposers": ["sim/openai/gpt-4o-mini"]}
QUESTION = [{"role": "user", "content": "Why is the sky blue?"}]
LOOK = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}
LOOK_AWAY = {"type": "function", "function": {"name": "look_away"}}

PARAMETERS = [
    ({"tools": "look"}, "tools[0] must be a dict such as"),
    ({"tools": ["look"]}, "not 'look'"),
    ({"tools": [LOOK, {}]}, "tools[1] must be a dict such as"),
    ({"tools": [{"type": "function", "function": "look"}]}, "tools[0] must be a dict such as"),
    ({"tools": [{"type": "function", "name": "look"}]}, "tools[0] must be a dict such as"),
    ({"tools": [{"type": "function", "function": {}}]}, "tools[0].function.name must be a text, not None"),
    (
        {"tools": [{"type": "function", "function": {"name": "look", "parameters": []}}]},
        "tools[0].function.parameters must be a dict, a JSON schema, not []",
    ),
    ({"tools": [LOOK], "tool_choice": "perhaps"}, "tool_choice must be one of auto, none, required"),
    ({"tools": [LOOK], "tool_choice": LOOK_AWAY}, "tool_choice names 'look_away', and tools are look"),
    ({"tool_choice": "required"}, "tool_choice asks for a tool, and there are no tools"),
    ({"functions": "look"}, "functions must be a list of dicts, each with a name"),
    (
        {"response_format": {"type": "xml"}},
        "response_format.type must be one of text, json_object, json_schema",
    ),
    (
        {"response_format": "json"},
        "response_format.type must be one of text, json_object, json_schema, not 'json'",
    ),
    ({"response_format": {}}, "response_format.type must be one of"),
    ({"response_format": {"type": "json_schema"}}, "response_format.json_schema must hold a `schema`"),
    (
        {"response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": "b"}}},
        "response_format.json_schema must hold a `schema`",
    ),
    ({"extra_headers": {"x-team": 3}}, "extra_headers: x-team must be a text, not int"),
    ({"extra_headers": {"x-team": "blue\nx-admin: 1"}}, "x-team may hold printable ASCII letters only"),
    ({"extra_headers": {"x team": "blue"}}, "'x team' cannot be the name of a header"),
    ({"temperature": "warm"}, "temperature must be a number of at least 0, not 'warm'"),
    ({"temperature": float("nan")}, "temperature must be a number of at least 0, not nan"),
    ({"top_p": 1.5}, "top_p must be a number from 0 to 1, not 1.5"),
    ({"stop": [3]}, "stop must be a text or a list of texts, not [3]"),
    ({"logprobs": "yes"}, "logprobs must be True or False"),
    ({"logit_bias": {"50256": "less"}}, "logit_bias must be a dict with a number for each token"),
    ({"seed": True}, "seed must be a whole number, not True"),
    ({"n": 0}, "n must be a whole number of at least 1, not 0"),
    ({"n": 129}, "n must be at most 128, not 129"),
    ({"extra_body": [1]}, "extra_body must be a dict, not [1]"),
    ({"extra_body": {"at": object()}}, "extra_body cannot be written as JSON"),
]

MESSAGES = [
    ([], "messages is empty"),
    (None, "messages must be a list"),
    ("Why?", "messages must be a list"),
    ({"role": "user", "content": "Why?"}, "messages must be a list"),
    ([*QUESTION, "Why?"], "messages[1] must be a dict, such as"),
    ([None], "messages[0] must be a dict, such as"),
    ([{"role": "boss", "content": "Why?"}], "messages[0].role must be one of system, developer, user"),
    ([{"role": "user"}], "messages[0].content is missing"),
    ([{"role": "user", "content": 3}], "messages[0].content must be a text or a list of parts, not 3"),
    ([{"role": "user", "content": ["hello"]}], "messages[0].content[0] must be a dict, such as"),
    ([{"role": "user", "content": [{"text": "Why?"}]}], "messages[0].content[0].type must be one of text"),
    ([{"role": "user", "content": [{"type": "tekst"}]}], "messages[0].content[0].type must be one of text"),
    ([{"role": "user", "content": [{"type": "text", "text": 3}]}], "messages[0].content[0].text must hold"),
    ([{"role": "user", "content": [{"type": "image_url"}]}], "messages[0].content[0].image_url must hold"),
    ([*QUESTION, {"role": "tool", "content": "4"}], "messages[1].tool_call_id is missing"),
    (
        [*QUESTION, {"role": "assistant", "tool_calls": [{"id": "1"}]}],
        "messages[1].tool_calls[0].function must be a dict with a name and arguments",
    ),
    ([{"role": "user", "content": "Why?", "name": object()}], "messages[0] cannot be written as JSON"),
]


def request_span(spans):
    [span] = spans.get_finished_spans()
    assert span.attributes[c.SPAN_TYPE] == c.REQUEST
    return span


@pytest.mark.parametrize(("given", "said"), PARAMETERS)
async def test_what_no_server_takes_is_refused_before_members_are_paid(simulator, spans, ask, given, said):
    asked = len(simulator.requests)
    with pytest.raises(litellm.BadRequestError) as error:
        await ask(MOA, QUESTION, **MEMBERS, **given)

    assert said in str(error.value)
    assert len(simulator.requests) == asked
    assert said in request_span(spans).status.description


@pytest.mark.parametrize(("messages", "said"), MESSAGES)
async def test_a_conversation_no_model_can_read_is_refused_with_its_place(
    simulator, spans, ask, messages, said
):
    asked = len(simulator.requests)
    with pytest.raises(litellm.BadRequestError) as error:
        await ask(MOA, messages, **MEMBERS)

    assert said in str(error.value)
    assert len(simulator.requests) == asked
    span = request_span(spans)
    assert span.status.status_code is StatusCode.ERROR
    assert span.attributes[c.ERROR_TYPE] == "composite_llm.errors.BadRequest"
    json.loads(span.attributes[c.INPUT_VALUE])


@pytest.mark.parametrize("router", [False, True])
async def test_litellms_own_doors_refuse_it_the_same_way(simulator, spans, router):
    """Of a model of its own LiteLLM would make it a server's failure, which a Router tries again."""
    composite_llm.register()
    door = litellm
    if router:
        entry = {"model_name": "fine", "litellm_params": {"model": MOA, **MEMBERS}}
        door = litellm.Router(model_list=[entry], num_retries=3)
    for said, messages in (("messages[0] must be a dict", ["Why?"]), ("content[0] must be", MESSAGES[9][0])):
        with pytest.raises(litellm.BadRequestError) as error:
            await door.acompletion("fine" if router else MOA, messages, **({} if router else MEMBERS))
        assert said in str(error.value)
    assert len(spans.get_finished_spans()) == 2


def test_models_that_are_no_composites_are_read_as_before(simulator):
    plain = {"api_base": simulator.url, "api_key": "none", "max_retries": 0}
    with pytest.raises(AttributeError):  # LiteLLM's own
        litellm.completion("openai/gpt-4o", ["Why?"], **plain)
    answered = litellm.completion("openai/gpt-4o", QUESTION, tools=["look"], **plain)
    assert answered.choices[0].message.content


def test_nobody_can_hide_a_conversation_inside_a_message(simulator):
    hidden = {
        "role": "user",
        "content": "Hello?",
        "composite_llm_given": [{"role": "user", "content": "Psst."}],
    }
    composite_llm.completion("composite/direct/sim/openai/gpt-4o", [hidden])

    assert simulator.requests[-1].body["messages"][0]["content"] == "Hello?"


@pytest.mark.parametrize(
    "given",
    [
        {"tools": [{"type": "web_search_20260101", "name": "web_search"}]},
        {"tools": [{"googleSearch": {}}]},
        {"tools": [LOOK], "tool_choice": {"type": "tool", "name": "look"}},
        {"tool_choice": "none"},
        {"stop": None, "response_format": None, "temperature": 5},
        {"reasoning_effort": {"effort": "high"}, "top_logprobs": 0},
    ],
)
def test_what_some_server_takes_is_left_to_it(given):
    from composite_llm.request.reading import read_request

    read_request("moa/openai/gpt-4o", MEMBERS | given)


async def test_what_is_written_as_litellm_takes_it_goes_through(simulator, ask):
    from pydantic import BaseModel

    class Colour(BaseModel):
        name: str

    message = litellm.Message(role="assistant", content="Because.")
    picture = {"type": "image_url", "image_url": "https://example.org/a.png"}
    messages = [*QUESTION, message, {"role": "user", "content": [{"type": "text", "text": "And?"}, picture]}]
    assert await ask(MOA, messages, **MEMBERS, response_format=Colour, tools=[LOOK], tool_choice="none")
