"""LiteLLM before the first test: it loads much with its first call, and some tests have deadlines."""

import pytest

import composite_llm


@pytest.fixture(scope="session", autouse=True)
def _litellm_is_loaded(model_server, _span_memory):
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("COMPOSITE_LLM_SIMULATOR", model_server.url)
        composite_llm.register()
        composite_llm.completion(
            "composite/direct/sim/openai/gpt-4o", [{"role": "user", "content": "Hello?"}]
        )
