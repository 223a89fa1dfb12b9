"""Which models `ask` takes when keys are there, missing, or there for some."""

import pytest

from cli.panel import BY_KEY, SIMULATED, SIMULATED_BASE, KeysMissing, choose_panel


@pytest.fixture(autouse=True)
def no_keys(monkeypatch):
    for key in (*BY_KEY, "GROQ_API_KEY"):
        monkeypatch.delenv(key, raising=False)


def test_with_no_key_and_no_name_a_simulated_panel_answers():
    panel = choose_panel(None, [])

    assert (panel.base_model, panel.members) == (SIMULATED_BASE, SIMULATED)
    assert "No API key found" in panel.notice


def test_with_one_key_its_model_is_sampled_three_times(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "x")
    panel = choose_panel(None, [])

    assert (panel.base_model, panel.members, panel.notice) == (
        "openai/gpt-4o-mini",
        ["openai/gpt-4o-mini × 3"],
        "",
    )


def test_with_two_keys_both_models_answer(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "x")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "x")

    assert choose_panel(None, []).members == ["openai/gpt-4o-mini", "anthropic/claude-haiku-4-5"]


def test_named_models_without_any_key_are_simulated_and_the_notice_names_theirs():
    panel = choose_panel("groq/llama-3.3-70b-versatile", [])

    assert panel.base_model == "sim/groq/llama-3.3-70b-versatile"
    assert "set GROQ_API_KEY" in panel.notice


def test_named_models_with_some_keys_are_an_error_before_anything_is_paid(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "x")
    with pytest.raises(KeysMissing, match="No API key for anthropic/claude-haiku-4-5: set ANTHROPIC_API_KEY"):
        choose_panel("openai/gpt-4o", ["anthropic/claude-haiku-4-5"])


@pytest.mark.parametrize("model", ["ollama/llama3", "bedrock/anthropic.claude-v2", "sim/openai/gpt-4o"])
def test_models_that_need_no_key_of_that_kind_are_taken_as_named(model):
    assert choose_panel(model, []).base_model == model
