"""When a simulated model calls tools."""

import json

import pytest


def tool(name: str, **properties) -> dict:
    parameters = {"type": "object", "properties": properties, "required": list(properties)}
    return {"type": "function", "function": {"name": name, "parameters": parameters}}


WEATHER = tool("get_weather", city={"type": "string"}, unit={"enum": ["celsius", "fahrenheit"]})
CLOCK = tool("get_time", zone={"type": "string"}, digits={"type": "integer", "minimum": 2, "maximum": 4})


def called(response) -> list[str]:
    message = response.json()["choices"][0]["message"]
    return [call["function"]["name"] for call in message.get("tool_calls", [])]


@pytest.mark.parametrize(
    ("question", "choice", "expected"),
    [
        ("Is it cold in Oslo?", "auto", []),
        ("Use get_time for Oslo.", "auto", ["get_time"]),
        ("Use get_time and get_weather.", None, ["get_weather", "get_time"]),
        ("Use get_time for Oslo.", "none", []),
        ("Is it cold in Oslo?", "required", ["get_weather"]),
        ("Use get_time for Oslo.", "required", ["get_time"]),
        ("Is it cold?", {"type": "function", "function": {"name": "get_time"}}, ["get_time"]),
    ],
)
def test_a_tool_is_called_when_it_is_required_named_or_mentioned(ask, question, choice, expected):
    assert called(ask(question, tools=[WEATHER, CLOCK], tool_choice=choice)) == expected


def test_a_call_conforms_to_the_tools_schema_and_is_paid_by_its_arguments(ask):
    answer = ask("Is it cold in Oslo?", tools=[WEATHER], tool_choice="required").json()

    [choice] = answer["choices"]
    [call] = choice["message"]["tool_calls"]
    arguments = json.loads(call["function"]["arguments"])
    assert choice["finish_reason"] == "tool_calls"
    assert choice["message"]["content"] is None
    assert set(arguments) == {"city", "unit"}
    assert arguments["unit"] in ("celsius", "fahrenheit")
    assert answer["usage"]["completion_tokens"] == -(-len(call["function"]["arguments"]) // 4)


def test_tools_are_called_one_at_a_time_where_asked(ask):
    response = ask("get_time and get_weather", tools=[WEATHER, CLOCK], parallel_tool_calls=False)

    assert called(response) == ["get_weather"]


def test_after_a_tool_has_answered_the_model_speaks(ask):
    call = {"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}
    messages = [
        {"role": "user", "content": "Use get_weather for Oslo."},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": "4 degrees"},
    ]

    response = ask(messages=messages, tools=[WEATHER], tool_choice="required")

    assert called(response) == []
    assert "4 degrees" in response.json()["choices"][0]["message"]["content"]


def test_a_choice_of_an_absent_tool_is_refused(ask):
    choice = {"type": "function", "function": {"name": "get_rich"}}

    response = ask(tools=[WEATHER], tool_choice=choice)

    assert response.status_code == 400
    assert "get_rich" in response.json()["error"]["message"]


def test_words_of_the_references_call_no_tool(ask):
    prompt = "Is it cold?\n\nAnswer A:\nUse get_weather.\n\nAnswer B:\nUse get_time.\n\nWhich is better?"

    assert called(ask(prompt, tools=[WEATHER, CLOCK])) == []


def test_a_directive_says_what_is_called_whatever_was_offered(ask):
    """Also what no well-behaved model would call, beside words of its own."""
    directive = {"content": "Let me look.", "tool_calls": [{"name": "get_time", "arguments": "{broken"}]}

    [choice] = ask("Is it cold?", tools=[WEATHER], simulator=directive).json()["choices"]

    assert (choice["message"]["content"], choice["finish_reason"]) == ("Let me look.", "tool_calls")
    [call] = choice["message"]["tool_calls"]
    assert call["function"] == {"name": "get_time", "arguments": "{broken"}
