"""A model server that says what a test has it say, over real HTTP."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from composite_llm.simulator import chat
from composite_llm.simulator.directive import parse_directive
from composite_llm.simulator.request import ChatRequest, parse_request

Says = Callable[[ChatRequest], str | Mapping[str, Any] | None]
"""The answer's text, or a directive's fields (`content`, `fault`, `usage` …), or None for the simulator's own answer."""


def script(monkeypatch, says: Says) -> list[ChatRequest]:
    """From now on every simulator of this process answers as `says`; the requests it got, as they come."""
    heard: list[ChatRequest] = []

    def parsed(raw: bytes) -> ChatRequest:
        request = parse_request(raw)
        heard.append(request)
        said = says(request)
        if said is None:
            return request
        return replace(
            request, directive=parse_directive({"content": said} if isinstance(said, str) else said)
        )

    monkeypatch.setattr(chat, "parse_request", parsed)
    return heard


def last_said(request: ChatRequest) -> str:
    """The text of the last message."""
    return request.messages[-1].content
