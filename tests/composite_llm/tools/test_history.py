"""A conversation with tools as members read it."""

from composite_llm.tools.history import framed, framing, told

CALL = {
    "id": "call_1",
    "type": "function",
    "function": {"name": "get_weather", "arguments": '{"city": "Oslo"}'},
}
USER = {"role": "user", "content": "Is it cold in Oslo?"}
CALLED = {"role": "assistant", "content": None, "tool_calls": [CALL]}
RESULT = {"role": "tool", "tool_call_id": "call_1", "content": "4 degrees"}


def test_calls_and_results_are_told_as_text_and_turns_alternate():
    assert told([USER, CALLED, RESULT], 4000) == [
        USER,
        {"role": "assistant", "content": '[called get_weather with {"city": "Oslo"}]'},
        {"role": "user", "content": "[get_weather returned:\n4 degrees]"},
    ]


def test_what_was_said_with_a_call_stays():
    said = {**CALLED, "content": "Let me look."}

    assert told([said], 4000)[0]["content"] == 'Let me look.\n[called get_weather with {"city": "Oslo"}]'


def test_results_and_the_users_next_words_are_one_turn():
    second = {"id": "call_2", "type": "function", "function": {"name": "get_time", "arguments": "{}"}}
    both = {**CALLED, "tool_calls": [CALL, second]}
    later = {"role": "tool", "tool_call_id": "call_2", "content": [{"type": "text", "text": "noon"}]}

    view = told([USER, both, RESULT, later, {"role": "user", "content": "And now?"}], 4000)

    assert [message["role"] for message in view] == ["user", "assistant", "user"]
    assert (
        view[2]["content"] == "[get_weather returned:\n4 degrees]\n\n[get_time returned:\nnoon]\n\nAnd now?"
    )


def test_an_image_beside_a_result_is_kept():
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}

    view = told([CALLED, RESULT, {"role": "user", "content": [image]}], 4000)

    assert view[1]["content"] == [{"type": "text", "text": "[get_weather returned:\n4 degrees]"}, image]


def test_long_results_and_arguments_keep_head_and_tail():
    long = {**RESULT, "content": "start " + "x " * 5000 + "end"}

    content = told([CALLED, long], 400)[1]["content"]

    assert content.startswith("[get_weather returned:\nstart x")
    assert content.endswith("x end]")
    assert "characters left out" in content
    assert len(content) < 500


def test_functions_of_the_old_kind_are_told_as_well():
    old = {"role": "assistant", "content": None, "function_call": {"name": "look", "arguments": "{}"}}

    view = told([USER, old, {"role": "function", "name": "look", "content": "42"}], 4000)

    assert view[1]["content"] == "[called look with {}]"
    assert view[2]["content"] == "[look returned:\n42]"


def test_a_conversation_without_tools_is_told_as_it_is():
    messages = [USER, {"role": "assistant", "content": "Yes."}, USER]

    assert told(messages, 4000) == messages


def test_the_clients_messages_are_never_changed():
    messages = [USER, CALLED, RESULT, {"role": "user", "content": "And now?"}]
    before = [dict(message) for message in messages]

    framed(told(messages, 4000), "framing")

    assert messages == before


def test_advisers_are_told_whose_tools_there_are():
    text = framing(["get_weather", "get_time"], own_tools=False)

    assert "It can use these tools, which you do not have: get_weather, get_time." in text
    assert "You cannot run or look up anything" in text
    assert "those you were given for yourself" in framing([], own_tools=True)


def test_a_tools_name_with_braces_breaks_nothing():
    assert "{x}" in framing(["{x}"], own_tools=False)


def test_framing_joins_the_system_message_or_becomes_one():
    assert framed([USER], "f") == [{"role": "system", "content": "f"}, USER]
    assert framed([{"role": "system", "content": "Be brief."}, USER], "f")[0] == {
        "role": "system",
        "content": "Be brief.\n\nf",
    }
