"""What of a request stands on its spans, by COMPOSITE_LLM_CONTENT."""

import json
import logging

import litellm
import pytest

import composite_llm
from composite_llm import conventions as c
from composite_llm.redaction import BadPatterns

GPT = "sim/openai/gpt-4o"
EMAIL, KEY, CARD, OWN = "ada@example.org", "sk-proj-Zq8rT2vWx5yB7nM4", "4111 1111 1111 1111", "EMP-00417"
SECRETS = (EMAIL, KEY, CARD, OWN)


@pytest.fixture
def patterns(tmp_path, monkeypatch):
    file = tmp_path / "redact.txt"
    file.write_text("EMP-\\d+\n")
    monkeypatch.setenv("COMPOSITE_LLM_REDACT", str(file))
    return file


def on_spans(spans) -> str:
    return "\n".join(span.to_json() for span in spans.get_finished_spans())


def ask(text: str, **parameters):
    messages = [
        {"role": "system", "content": f"You serve {EMAIL}."},
        {"role": "user", "content": [{"type": "text", "text": text}]},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {
                    "id": "call_1",
                    "type": "function",
                    "function": {
                        "name": "mail",
                        "arguments": json.dumps({"to": EMAIL, "card": 4111111111111111}),
                    },
                }
            ],
        },
        {"role": "tool", "tool_call_id": "call_1", "content": f"sent by {OWN}"},
        {"role": "user", "content": "And now?"},
    ]
    metadata = {"user_id": EMAIL, "session_id": f"of {EMAIL}", "tags": ["a", OWN]}
    return litellm.completion(
        f"composite/moa/{GPT}",
        messages,
        proposers=[f"{GPT} × 2"],
        metadata=metadata,
        stop=[OWN],
        **parameters,
    )


def test_redacted_spans_hold_no_secret_and_stay_readable(simulator, spans, monkeypatch, patterns):
    monkeypatch.setenv("COMPOSITE_LLM_CONTENT", "redacted")
    ask(f"Mail {EMAIL} that {KEY} and {CARD} of {OWN} leaked")

    told = on_spans(spans)
    assert [secret for secret in (*SECRETS, "4111111111111111") if secret in told] == []
    [call] = [span for span in spans.get_finished_spans() if span.attributes.get(c.CALL_ROLE) == "aggregator"]
    [system, user, assistant, tool, *_] = json.loads(call.attributes[c.INPUT_VALUE])[-5:]
    assert "You serve [email]." in system["content"]
    assert user["content"] == [
        {"type": "text", "text": "Mail [email] that [key] and [card] of [redacted] leaked"}
    ]
    assert json.loads(assistant["tool_calls"][0]["function"]["arguments"]) == {
        "to": "[email]",
        "card": "[card]",
    }
    assert tool["content"] == "sent by [redacted]"
    assert call.attributes[c.USER_ID] == "[email]"
    assert call.attributes[c.TRACE_TAGS] == ("a", "[redacted]")


def test_the_client_gets_its_answer_as_it_is(simulator, spans, monkeypatch, patterns):
    monkeypatch.setenv("COMPOSITE_LLM_CONTENT", "redacted")
    directive = {"simulator": {"content": f"Write to {EMAIL}."}}
    response = litellm.completion(
        f"composite/direct/{GPT}", [{"role": "user", "content": "Whom?"}], extra_body=directive
    )

    assert response.choices[0].message.content == f"Write to {EMAIL}."
    assert {
        span.attributes[c.OUTPUT_VALUE] for span in spans.get_finished_spans() if span.name[:4] == "chat"
    } == {"Write to [email]."}


def test_without_content_what_is_left_is_redacted(simulator, spans, monkeypatch, patterns):
    monkeypatch.setenv("COMPOSITE_LLM_CONTENT", "none")
    ask(f"Remember the purple elephant of {EMAIL}")

    told = on_spans(spans)
    assert [word for word in (*SECRETS, "purple elephant", "And now?") if word in told] == []
    assert "[email]" in told  # whose session it was


def test_errors_are_redacted_too(simulator, spans, monkeypatch, patterns):
    monkeypatch.setenv("COMPOSITE_LLM_CONTENT", "redacted")
    with pytest.raises(litellm.BadRequestError):
        litellm.completion(f"composite/moa/{GPT}", [{"role": "user", "content": "x"}], layers=EMAIL)

    told = on_spans(spans)
    assert EMAIL not in told
    assert "[email]" in told


def test_without_content_errors_keep_their_class_alone(simulator, spans, monkeypatch):
    monkeypatch.setenv("COMPOSITE_LLM_CONTENT", "none")
    with pytest.raises(litellm.BadRequestError, match="purple elephant"):
        litellm.completion(
            f"composite/moa/{GPT}", [{"role": "user", "content": "x"}], layers="purple elephant"
        )

    assert "purple elephant" not in on_spans(spans)
    [failed] = [span for span in spans.get_finished_spans() if not span.status.is_ok]
    assert failed.status.description == "[left out]"
    assert failed.attributes[c.ERROR_TYPE] == "composite_llm.request.findings.Unusable"


def test_a_secret_across_a_cut_is_whole_or_absent(simulator, spans, monkeypatch):
    """The text is cut after 16,384 characters, here in the middle of the key."""
    monkeypatch.setenv("COMPOSITE_LLM_CONTENT", "full")
    text = "word " * 3275 + KEY + " word" * 5000
    assert 16_384 - 10 < text.index(KEY) + 5 < 16_384
    litellm.completion(f"composite/direct/{GPT}", [{"role": "user", "content": text}])

    told = on_spans(spans)
    assert "characters left out" in told
    assert KEY[:8] not in told


def test_patterns_that_cannot_be_used_are_told_at_the_start(monkeypatch, tmp_path):
    file = tmp_path / "redact.txt"
    file.write_text("(")
    monkeypatch.setenv("COMPOSITE_LLM_REDACT", str(file))

    with pytest.raises(BadPatterns, match=r"line 1: '\(' is not a regular expression"):
        composite_llm.register()


def test_patterns_that_vanish_later_leave_content_out(simulator, spans, monkeypatch, tmp_path, caplog):
    monkeypatch.setenv("COMPOSITE_LLM_REDACT", str(tmp_path / "gone.txt"))
    with caplog.at_level(logging.WARNING):
        ask(f"purple elephant of {EMAIL}")

    told = on_spans(spans)
    assert EMAIL not in told
    assert "purple elephant" not in told
    assert "prompts and answers are left out of spans" in caplog.text


def test_a_word_nobody_knows_is_told_at_the_start(monkeypatch, caplog):
    monkeypatch.setenv("COMPOSITE_LLM_CONTENT", "redactd")
    with caplog.at_level(logging.WARNING):
        composite_llm.register()

    assert "COMPOSITE_LLM_CONTENT=redactd is none of full, redacted, none" in caplog.text
