import json

from dashboard.content import LONGEST, Extra, Message, messages, only_new, pretty


def test_parts_are_read_as_messages():
    given = [
        {"role": "system", "parts": [{"type": "text", "content": "Be brief."}]},
        {"role": "user", "parts": [{"type": "text", "content": "Why?"}, {"type": "text", "content": "How?"}]},
    ]

    assert messages(json.dumps(given)) == [Message("system", "Be brief."), Message("user", "Why?\n\nHow?")]


def test_openai_messages_are_read_too():
    given = [
        {"role": "user", "content": "Why?"},
        {"role": "user", "content": [{"type": "text", "text": "How?"}]},
    ]

    assert messages(None, json.dumps(given)) == [Message("user", "Why?"), Message("user", "How?")]


def test_reasoning_tool_calls_and_results_stand_beside_the_text():
    given = [
        {
            "role": "assistant",
            "parts": [
                {"type": "reasoning", "content": "Look first."},
                {"type": "tool_call", "id": "1", "name": "grep", "arguments": '{"pattern":"sky"}'},
                {"type": "text", "content": "I look."},
            ],
        },
        {"role": "tool", "parts": [{"type": "tool_call_response", "id": "1", "response": "2 lines"}]},
    ]

    assert messages(json.dumps(given)) == [
        Message(
            "assistant",
            "I look.",
            (Extra("reasoning", "Look first."), Extra("call", '{\n  "pattern": "sky"\n}', "grep")),
        ),
        Message("tool", "", (Extra("result", "2 lines"),)),
    ]


def test_openai_tool_calls_and_their_results_are_read():
    given = [
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "1", "type": "function", "function": {"name": "grep", "arguments": "{}"}}],
            "reasoning_content": "Look first.",
        },
        {"role": "tool", "tool_call_id": "1", "content": "2 lines"},
    ]
    [asked, told] = messages(json.dumps(given))

    assert asked.extras == (Extra("reasoning", "Look first."), Extra("call", "{}", "grep"))
    assert told == Message("tool", "", (Extra("result", "2 lines"),))
    assert messages(json.dumps(given[0])) == [asked], "an answer of one message is no list"


def test_anthropic_blocks_are_read():
    given = [
        {"role": "assistant", "content": [{"type": "tool_use", "name": "grep", "input": {"pattern": "sky"}}]},
        {"role": "user", "content": [{"type": "tool_result", "content": [{"type": "text", "text": "none"}]}]},
        {"role": "user", "content": [{"type": "image", "source": "secret.png"}]},
    ]
    [asked, told, pictured] = messages(json.dumps(given))

    assert asked.extras == (Extra("call", '{\n  "pattern": "sky"\n}', "grep"),)
    assert told.extras[0].kind == "result"
    assert "none" in told.extras[0].text
    assert pictured.extras[0].kind == "other"


def test_only_what_a_call_was_given_beyond_the_call_before_it_is_new():
    first, second, third = (Message("user", text) for text in ("Why?", "How?", "When?"))

    assert only_new([first, second, third], [first, second]) == ([third], 2)
    assert only_new([third], [first]) == ([third], 0)
    assert only_new([first], [first]) == ([first], 0)
    assert only_new([], [first]) == ([], 0)


def test_a_list_nested_deeper_than_python_reads_is_shown_as_it_came():
    deep = "[" * 100_000

    assert messages(deep) == [Message("", deep)]


def test_text_that_is_no_message_list_is_shown_as_it_came():
    assert messages(None, "Answer 7.") == [Message("", "Answer 7.")]
    assert messages('{"role": "user"}') == [Message("", '{"role": "user"}')]
    assert messages("[1, 2]") == [Message("", "[1, 2]")]


def test_no_content_is_no_message():
    assert messages(None, "") == []


def test_a_text_too_long_to_draw_is_cut_and_says_so():
    [message] = messages("x" * (LONGEST + 1))
    [whole] = messages("x" * (LONGEST + 1), longest=None)

    assert message.text.endswith("… cut here: 200,001 characters in all")
    assert len(whole.text) == LONGEST + 1


def test_json_is_laid_out_and_other_text_left_alone():
    assert pretty('{"b":1,"a":"é"}') == '{\n  "a": "é",\n  "b": 1\n}'
    assert pretty("not json") == "not json"
    assert pretty(None) == ""
