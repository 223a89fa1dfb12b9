import json

from dashboard.content import LONGEST, Message, messages, pretty


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


def test_a_part_that_is_no_text_is_shown_as_it_came():
    given = [{"role": "assistant", "parts": [{"type": "tool_call", "name": "grep"}]}]

    assert '"name": "grep"' in messages(json.dumps(given))[0].text


def test_text_that_is_no_message_list_is_shown_as_it_came():
    assert messages(None, "Answer 7.") == [Message("", "Answer 7.")]
    assert messages('{"role": "user"}') == [Message("", '{"role": "user"}')]
    assert messages("[1, 2]") == [Message("", "[1, 2]")]


def test_no_content_is_no_message():
    assert messages(None, "") == []


def test_a_text_too_long_to_draw_is_cut_and_says_so():
    [message] = messages("x" * (LONGEST + 1))

    assert message.text.endswith("… cut here: 200,001 characters in all")


def test_json_is_laid_out_and_other_text_left_alone():
    assert pretty('{"b":1,"a":"é"}') == '{\n  "a": "é",\n  "b": 1\n}'
    assert pretty("not json") == "not json"
    assert pretty(None) == ""
