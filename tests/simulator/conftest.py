from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from composite_llm.simulator import Simulator

Ask = Callable[..., httpx.Response]


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    """A simulator that answers at once; tests that count on a fresh memory start their own."""
    with Simulator(speed=0) as running:
        yield running


@pytest.fixture(scope="session")
def client() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=60) as opened:
        yield opened


@pytest.fixture
def ask(simulator, client) -> Ask:
    """Send a chat request about the sky, changed as the test says."""

    def send(content: str = "Why is the sky blue?", *, to: Simulator = simulator, **fields: Any):
        body = {"model": "gpt-4o", "messages": [{"role": "user", "content": content}], **fields}
        return client.post(f"{to.url}/chat/completions", json=body)

    return send


@pytest.fixture
def text(ask) -> Callable[..., str]:
    """The words of the answer."""
    return lambda *args, **fields: ask(*args, **fields).json()["choices"][0]["message"]["content"]


@pytest.fixture
def usage(ask) -> Callable[..., dict[str, Any]]:
    return lambda *args, **fields: ask(*args, **fields).json()["usage"]
