"""Which program is run, and what keeps one from being run."""

import os
from pathlib import Path

import litellm
import pytest

import composite_llm
from composite_llm.agent_cli import finding
from composite_llm.errors import BadRequest
from composite_llm.litellm_provider import CompositeLLM

QUESTION = [{"role": "user", "content": "Why is the sky blue?"}]
AUTO = "composite/composer-cli/auto"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The only one on the PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("COMPOSITE_LLM_AGENT_CLI", raising=False)
    return tmp_path


def executable(path: Path, text="#!/bin/sh\n") -> str:
    path.write_text(text)
    path.chmod(0o755)
    return str(path)


def test_the_clear_name_goes_before_the_general_one(folder):
    general = executable(folder / "agent")
    assert finding.command() == (general,)

    clear = executable(folder / "cursor-agent")
    assert finding.command() == (clear,)


def test_what_is_configured_goes_before_what_is_found_and_may_have_arguments(folder, monkeypatch):
    executable(folder / "cursor-agent")
    own = executable(folder / "my agent")
    monkeypatch.setenv("COMPOSITE_LLM_AGENT_CLI", f"'{own}' --sandbox enabled")

    assert finding.command() == (own, "--sandbox", "enabled")


def test_a_relative_path_is_found_from_the_empty_folder_as_well(folder, monkeypatch):
    executable(folder / "own")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COMPOSITE_LLM_AGENT_CLI", "./own")

    assert finding.command() == (str(folder / "own"),)


@pytest.mark.parametrize(
    ("configured", "words"),
    [
        ("", "neither cursor-agent nor agent is on the PATH"),
        ("/nowhere/agent", "'/nowhere/agent' is no program that can be run here"),
        ("'not closed", "cannot be read: No closing quotation"),
        ("''", "'' is no program"),
    ],
)
def test_without_a_program_a_request_is_refused_before_anything_is_paid(
    configured, words, folder, monkeypatch, simulator, spans
):
    monkeypatch.setenv("COMPOSITE_LLM_AGENT_CLI", configured)
    asked = len(simulator.requests)

    with pytest.raises(litellm.BadRequestError, match=words) as refused:
        composite_llm.completion(
            "composite/moa/sim/openai/gpt-4o",
            QUESTION,
            proposers=["sim/openai/gpt-4o-mini", "composer-cli/auto"],
        )

    assert "COMPOSITE_LLM_AGENT_CLI" in str(refused.value)
    assert len(simulator.requests) == asked
    [request] = spans.get_finished_spans()
    assert words in request.status.description


@pytest.mark.parametrize(
    "name", ["--force", "-p", "", " auto", "a b", "a\nb", "a" * 300, "$(id)", "../auto;"]
)
def test_what_could_be_an_option_or_worse_is_no_model(name):
    with pytest.raises(BadRequest, match="names no model"):
        finding.model_of(f"composer-cli/{name}")


@pytest.mark.parametrize(
    "name", ["auto", "composer-2.5", "claude-opus-4-8[context=1m,effort=high,fast=false]"]
)
def test_models_as_cursor_names_them(name):
    assert finding.model_of(f"composer-cli/{name}") == name


def test_a_program_that_cannot_be_started_says_so_once(folder, monkeypatch, simulator, spans):
    broken = executable(folder / "cursor-agent", "no program at all")
    with pytest.raises(litellm.NotFoundError, match=f"{broken} could not be started: Exec format error"):
        composite_llm.completion(AUTO, QUESTION)

    assert [span.name for span in spans.get_finished_spans()].count("chat auto") == 1


async def from_outside(model):
    """As LiteLLM's proxy hands a request over."""
    request = {
        "model": model.removeprefix("composite/"),
        "messages": QUESTION,
        "optional_params": {},
        "litellm_params": {"proxy_server_request": {"headers": {}}},
        "logging_obj": litellm.litellm_core_utils.litellm_logging.Logging(
            model, QUESTION, False, "completion", None, "", ""
        ),
    }
    request["logging_obj"].model_call_details["litellm_params"] = {}
    return await CompositeLLM().acompletion(**request)


async def test_over_a_network_only_a_program_that_somebody_has_named_is_run(agent, monkeypatch):
    from tests.composite_llm.agent_cli.lines import ANSWER, SIMPLE

    agent.says(*SIMPLE)
    assert (await from_outside(AUTO)).choices[0].message.content == ANSWER

    [program] = finding.command()[:1]
    monkeypatch.setenv("PATH", str(agent.script.parent))
    os.symlink(program, agent.script.parent / "cursor-agent")
    monkeypatch.delenv("COMPOSITE_LLM_AGENT_CLI")
    with pytest.raises(litellm.BadRequestError, match="which nobody may ask over a network"):
        await from_outside(AUTO)
    assert len(agent.runs) == 1
