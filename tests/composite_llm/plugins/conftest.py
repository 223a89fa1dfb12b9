"""Plugins in force for one test, and a plain model over real HTTP."""

import litellm
import pytest

from composite_llm.plugins import install, make

PLACES = [
    f"{kind}callback{'s' if not kind else ''}"
    for kind in ("", "success_", "failure_", "_async_success_", "_async_failure_", "input_", "_async_input_")
]
"""Where LiteLLM keeps callbacks; it copies them from the first to the others, and takes no more than thirty."""


@pytest.fixture
def plugins(monkeypatch):
    """Installs plugins by name and settings; they go when the test ends."""
    for place in PLACES:
        monkeypatch.setattr(litellm, place, [])

    def add(name, **settings):
        made = make(name, **settings)
        install(made)
        return made

    return add


@pytest.fixture
def plain(simulator):
    """What to call for a model that is no composite."""
    return {"model": "openai/gpt-4o-mini", "api_base": simulator.url, "api_key": "none-needed"}
