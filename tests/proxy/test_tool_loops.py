"""A client that runs its tools itself: two turns at each door. The members are asked in the first alone."""

import pytest

from tests.proxy.test_proxy import QUESTION, SCHEMA, TOOL

RESULT = "4 degrees and fog"


def chat(client, claude, stream):
    def ask(messages, **more):
        given = {"model": "panel", "messages": messages, "tools": [TOOL], **more}
        if not stream:
            return client.chat.completions.create(**given).choices[0].message
        with client.chat.completions.stream(**given) as chunks:
            return chunks.get_final_completion().choices[0].message

    [call] = (told := ask(QUESTION, tool_choice="required")).tool_calls
    assert call.function.name == "weather"
    said = {"role": "assistant", "content": told.content, "tool_calls": [_plain(call)]}
    return ask([*QUESTION, said, {"role": "tool", "tool_call_id": call.id, "content": RESULT}]).content


def _plain(call):
    return {
        "id": call.id,
        "type": "function",
        "function": {"name": call.function.name, "arguments": call.function.arguments},
    }


def messages(client, claude, stream):
    tool = {"name": "weather", "description": "Now", "input_schema": SCHEMA}

    def ask(messages, **more):
        given = {"model": "panel", "max_tokens": 300, "messages": messages, "tools": [tool], **more}
        if not stream:
            return claude.messages.create(**given)
        with claude.messages.stream(**given) as events:
            return events.get_final_message()

    told = ask(QUESTION, tool_choice={"type": "any"})
    [use] = [block for block in told.content if block.type == "tool_use"]
    result = {"type": "tool_result", "tool_use_id": use.id, "content": RESULT}
    said = {
        "role": "assistant",
        "content": [{"type": "tool_use", "id": use.id, "name": use.name, "input": use.input}],
    }
    answer = ask([*QUESTION, said, {"role": "user", "content": [result]}])
    return "".join(block.text for block in answer.content if block.type == "text")


def responses(client, claude, stream):
    tool = {"type": "function", **TOOL["function"]}

    def ask(items, **more):
        given = {"model": "panel", "input": items, "tools": [tool], **more}
        if not stream:
            return client.responses.create(**given)
        events = list(client.responses.create(**given, stream=True))
        return next(event.response for event in events if event.type == "response.completed")

    told = ask(QUESTION, tool_choice="required")
    [call] = [item for item in told.output if item.type == "function_call"]
    said = {"type": "function_call", "call_id": call.call_id, "name": call.name, "arguments": call.arguments}
    answer = ask(
        [*QUESTION, said, {"type": "function_call_output", "call_id": call.call_id, "output": RESULT}]
    )
    return "".join(part.text for item in answer.output if item.type == "message" for part in item.content)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("loop", [chat, messages, responses])
def test_a_tool_loop_ends_in_words_and_asks_the_members_once(loop, stream, client, claude, proxy):
    before = len(proxy.models.requests)
    assert loop(client, claude, stream)

    asked = proxy.models.requests[before:]
    *members, first, second = asked
    assert len(members) == 2
    assert first.body["tools"]
    assert second.body["tools"]
    results = [message for message in second.body["messages"] if message["role"] == "tool"]
    assert [result["content"] for result in results] == [RESULT]
