"""What of a conversation is the question, and what the text to explore."""

from composite_llm.recursion.splitting import MOST_QUESTION, task_about, task_of

LONG = "word " * 4000  # 20,000 characters
ASKED = {"role": "user", "content": "How many?"}


def user(*parts):
    return {"role": "user", "content": [{"type": "text", "text": part} for part in parts]}


def test_the_last_message_is_the_question_and_the_one_before_it_the_text():
    task = task_of([{"role": "user", "content": LONG}, ASKED])

    assert (task.question, task.context, task.instructions) == ("How many?", LONG, "")


def test_several_texts_stand_under_headings():
    task = task_of([{"role": "user", "content": "One."}, {"role": "assistant", "content": "Two."}, ASKED])

    assert task.context == "=== 1. user message ===\nOne.\n\n=== 2. assistant message ===\nTwo."


def test_instructions_are_the_applications_unless_they_are_a_text_themselves():
    short = task_of([{"role": "system", "content": "Be brief."}, {"role": "user", "content": LONG}, ASKED])
    long = task_of([{"role": "developer", "content": LONG}, ASKED])

    assert (short.instructions, short.context) == ("Be brief.", LONG)
    assert (long.instructions, long.context) == ("", LONG)


def test_of_one_message_the_long_parts_are_the_text():
    task = task_of([user("How many?", LONG)])

    assert (task.question, task.context) == ("How many?", LONG)


def test_of_one_long_text_both_ends_are_shown_since_the_question_may_stand_at_either():
    text = f"What follows is a log. {LONG} How many words?"
    task = task_of([{"role": "user", "content": text}])

    assert task.context == text
    assert task.question.startswith("What follows is a log.")
    assert "How many words?" in task.question
    assert len(task.question) < MOST_QUESTION


def test_what_came_after_the_question_is_text_too():
    call = {"id": "c1", "type": "function", "function": {"name": "read", "arguments": "{}"}}
    result = {"role": "tool", "tool_call_id": "c1", "content": LONG}
    task = task_of([ASKED, {"role": "assistant", "content": None, "tool_calls": [call]}, result])

    assert task.question == "How many?"
    assert task.context.endswith(f"=== 2. result of read ===\n{LONG}")


def test_the_question_may_be_part_of_the_text():
    task = task_of([{"role": "user", "content": "One."}, ASKED], whole=True)

    assert task.question == "How many?"
    assert task.context.endswith("=== 2. user message ===\nHow many?")


def test_a_short_conversation_has_no_text():
    assert task_of([ASKED]).context == ""
    assert task_of([]).question == ""


def test_what_is_no_text_is_named():
    image = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
    pdf = {"type": "file", "file": {"file_data": "data:application/pdf;base64,AAAA"}}
    broken = {"type": "file", "file": {"file_data": "data:text/plain;base64,A"}}
    task = task_of([{"role": "user", "content": [image, pdf, broken, {"type": "text", "text": "How many?"}]}])

    assert task.unread == ("image_url", "file")
    assert task.question.endswith("How many?")


def test_a_text_alone_is_its_own_question():
    assert task_about("Short.") == task_about("Short.")
    assert task_about("Short.").question == task_about("Short.").context == "Short."
    assert len(task_about(LONG).question) < MOST_QUESTION
