"""Plugins in force for one test, and a plain model over real HTTP."""

import litellm
import pytest

from composite_llm.plugins import install, make


@pytest.fixture
def plugins(monkeypatch):
    """Installs plugins by name and settings; they go when the test ends."""
    monkeypatch.setattr(litellm, "callbacks", [])

    def add(name, **settings):
        made = make(name, **settings)
        install(made)
        return made

    return add


@pytest.fixture
def plain(simulator):
    """What to call for a model that is no composite."""
    return {"model": "openai/gpt-4o-mini", "api_base": simulator.url, "api_key": "none-needed"}
