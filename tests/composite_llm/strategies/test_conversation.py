"""Where other models' answers stand in a conversation."""

from composite_llm.strategies.parts.conversation import cut, numbered, with_system, with_tail

USER = {"role": "user", "content": "Why?"}
SYSTEM = {"role": "system", "content": "Be brief."}


def test_references_join_the_system_message_or_become_one():
    assert with_system([SYSTEM, USER], "refs") == [{"role": "system", "content": "Be brief.\n\nrefs"}, USER]
    assert with_system([USER], "refs") == [{"role": "system", "content": "refs"}, USER]


def test_references_at_the_tail_leave_all_that_stands_before_untouched():
    messages = [SYSTEM, USER, {"role": "assistant", "content": "Because."}, USER]

    tailed = with_tail(messages, "refs")

    assert tailed[:-1] == messages[:-1]
    assert tailed[-1] == {"role": "user", "content": "Why?\n\nrefs"}


def test_a_tail_after_a_tool_result_is_a_user_turn_of_its_own():
    messages = [USER, {"role": "tool", "tool_call_id": "1", "content": "42"}]

    assert with_tail(messages, "refs") == [*messages, {"role": "user", "content": "refs"}]


def test_images_beside_the_text_are_kept():
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}

    [message] = with_tail([{"role": "user", "content": [image]}], "refs")

    assert message["content"] == [image, {"type": "text", "text": "refs"}]


def test_the_clients_own_messages_are_never_changed():
    messages = [{"role": "user", "content": "Why?"}]

    with_tail(messages, "refs")
    with_system(messages, "refs")

    assert messages == [{"role": "user", "content": "Why?"}]


def test_long_references_keep_head_and_tail():
    assert numbered(["one", "two"]) == "1. one\n\n2. two"
    assert cut("abcdefghij", 4) == "ab […] ij"
    assert cut("abcd", 4) == "abcd"
