"""Lines of Cursor's agent CLI 2026.09, as events."""

SESSION = "5e1d0c0a-1f2e-4d3c-8b7a-69584736251f"

INIT = {
    "type": "system",
    "subtype": "init",
    "apiKeySource": "env",
    "cwd": "/somewhere",
    "session_id": SESSION,
    "model": "Composer 2.5",
    "permissionMode": "default",
}


def _message(text):
    return {"message": {"role": "assistant", "content": [{"type": "text", "text": text}]}}


def piece(text):
    return {"type": "assistant", **_message(text), "session_id": SESSION, "timestamp_ms": 1789467005371}


def before_a_tool(text):
    """The whole message once more."""
    return {**piece(text), "model_call_id": "0e3f2613-0-97fl"}


def whole(text):
    """And at the end."""
    return {"type": "assistant", **_message(text), "session_id": SESSION}


def thought(text):
    return {"type": "thinking", "subtype": "delta", "text": text, "session_id": SESSION, "timestamp_ms": 1}


def tool(subtype, name="read", call="call-1-0\nfc_1", **more):
    return {
        "type": "tool_call",
        "subtype": subtype,
        "call_id": call,
        "tool_call": {f"{name}ToolCall": {"args": {"path": "a.txt"}, **more}, "toolCallId": call},
        "session_id": SESSION,
    }


def result(text, **more):
    return {
        "type": "result",
        "subtype": "success",
        "duration_ms": 3697,
        "duration_api_ms": 3697,
        "is_error": False,
        "result": text,
        "session_id": SESSION,
        "request_id": "0c3d2dbe-0000",
        **more,
    }


def usage(fresh, output, read=0, written=0):
    return {
        "usage": {
            "inputTokens": fresh,
            "outputTokens": output,
            "cacheReadTokens": read,
            "cacheWriteTokens": written,
        }
    }


ANSWER = "The sky scatters blue light."
SIMPLE = (
    INIT,
    piece("The sky scatters "),
    piece("blue light."),
    whole(ANSWER),
    result(ANSWER, **usage(100, 20, 300, 50)),
)
"""450 tokens in, 20 out."""
