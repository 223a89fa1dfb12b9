"""An agent CLI as a model: what it is given, what comes of what it says, and what that cost."""

import asyncio
from pathlib import Path

import litellm
import pytest
from typer.testing import CliRunner

import composite_llm
from cli.main import app
from composite_llm import conventions as c
from composite_llm.agent_cli import places
from composite_llm.engine.loop_thread import run_sync
from tests.composite_llm.agent_cli.conftest import KEY
from tests.composite_llm.agent_cli.lines import (
    ANSWER,
    INIT,
    SESSION,
    SIMPLE,
    before_a_tool,
    piece,
    result,
    thought,
    tool,
    usage,
)
from tests.outline import outline
from tests.streams import finished, until

QUESTION = [{"role": "user", "content": "Why is the sky blue?"}]
AUTO = "composite/composer-cli/auto"
GPT, MINI = "sim/openai/gpt-4o", "sim/openai/gpt-4o-mini"
LONG = "This is a conversation between a user and an assistant, who is you:"


def the_call(spans):
    [call] = finished(spans, c.LLM_CALL)
    return call


def test_an_answer_with_its_usage_and_a_cost_nobody_knows(agent, spans):
    agent.says(*SIMPLE)

    answer = composite_llm.completion(AUTO, QUESTION)

    assert answer.choices[0].message.content == ANSWER
    assert answer.choices[0].finish_reason == "stop"
    assert (answer.model, answer._hidden_params["response_cost"]) == (AUTO, None)
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (450, 20)
    assert answer.usage.prompt_tokens_details.cached_tokens == 300
    assert composite_llm.receipt(answer).unpriced_models == ["composer-cli/auto"]
    assert outline(spans.get_finished_spans()) == (
        "invoke_workflow composite/composer-cli\n  stage direct\n    chat auto (direct)"
    )
    told = the_call(spans).attributes
    assert {
        name: told[name] for name in (c.PROVIDER, c.REQUEST_MODEL, c.RESPONSE_MODEL, c.LITELLM_MODEL)
    } == {
        c.PROVIDER: "cursor",
        c.REQUEST_MODEL: "auto",
        c.RESPONSE_MODEL: "Composer 2.5",
        c.LITELLM_MODEL: "composer-cli/auto",
    }
    assert (told[c.RESPONSE_ID], told[c.PROCESS_EXIT_CODE]) == (SESSION, 0)
    assert (told[c.USAGE_SOURCE], told[c.INPUT_TOKENS], told[c.CACHE_READ_TOKENS]) == ("provider", 450, 300)
    assert (told[c.COST_SOURCE], c.COST_USD in told) == ("unknown", False)
    assert c.LANGFUSE_LEVEL not in told


def test_what_it_is_given_and_what_not(agent, monkeypatch):
    monkeypatch.setenv("HOME", "/home/somebody")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-another")
    monkeypatch.setenv("SSH_AUTH_SOCK", "/run/keys")
    agent.says(*SIMPLE)

    composite_llm.completion(AUTO, QUESTION, metadata={"session_id": "session-of-the-client"}, user="u-77")

    [run] = agent.runs
    folder = run["folder"]
    assert run["arguments"] == [
        *("-p", "--output-format", "stream-json", "--stream-partial-output"),
        *("--mode", "ask", "--trust", "--workspace", folder, "--model", "auto"),
    ]
    assert run["prompt"] == "Why is the sky blue?"
    assert run["files"] == []
    assert not Path(folder).exists(), "it is removed when the run is over"
    assert run["heads_its_group"]
    environment = run["environment"]
    assert environment["HOME"] == "/home/somebody"
    assert environment["CURSOR_API_KEY"] == KEY
    assert (
        not {"OPENAI_API_KEY", "ANTHROPIC_API_KEY", "SSH_AUTH_SOCK", "COMPOSITE_LLM_AGENT_CLI"}
        & environment.keys()
    )
    assert "session-of-the-client" not in str(run)
    assert "u-77" not in str(run)


def test_keys_are_handed_over_by_name_and_a_clients_own_goes_before_ours(agent, monkeypatch):
    monkeypatch.setenv("COMPOSITE_LLM_AGENT_CLI_ENV", "OTHER_KEY, SOME_SETTING")
    monkeypatch.setenv("OTHER_KEY", "ours")
    monkeypatch.setenv("SOME_SETTING", "7")
    agent.says(*SIMPLE)

    composite_llm.completion(AUTO, QUESTION, api_key="the-clients")

    environment = agent.runs[0]["environment"]
    assert (environment["OTHER_KEY"], environment["SOME_SETTING"]) == ("the-clients", "7")
    assert "CURSOR_API_KEY" not in environment


def test_a_conversation_is_told_with_its_roles(agent, spans):
    agent.says(*SIMPLE)
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk="}}
    call = {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": '{"in": "Bonn"}'}}

    composite_llm.completion(
        AUTO,
        [
            {"role": "system", "content": "Be short."},
            {"role": "user", "content": [{"type": "text", "text": "What is this?"}, image]},
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "c1", "content": "rain"},
        ],
    )

    assert agent.runs[0]["prompt"] == (
        "Follow these instructions:\n\nBe short.\n\n"
        f"{LONG}\n\n"
        "User: What is this?\n[Something other than text was attached here, which you cannot see]\n\n"
        'Assistant: [called weather with {"in": "Bonn"}]\n\n'
        "User: [weather returned:\nrain]\n\n"
        "Write the assistant's next message, and nothing else."
    )
    assert the_call(spans).attributes[c.LANGFUSE_STATUS_MESSAGE].endswith("takes none: 1 attached")


def test_a_long_prompt_goes_as_well(agent):
    agent.says(*SIMPLE)
    long = "word " * 100_000

    composite_llm.completion(AUTO, [{"role": "user", "content": long}])

    assert agent.runs[0]["prompt"] == long


async def test_words_come_while_they_are_written(agent, tmp_path, spans):
    heard = tmp_path / "heard"
    agent.says(
        INIT,
        thought("Rayleigh."),
        piece("The sky "),
        ("until", str(heard)),
        piece("scatters."),
        result("The sky scatters."),
    )

    stream = await composite_llm.acompletion(AUTO, QUESTION, stream=True)
    chunks = []
    async for chunk in stream:
        chunks.append(chunk.choices[0].delta)
        if chunk.choices[0].delta.content == "The sky ":
            heard.touch()  # only now it goes on

    assert [delta.content for delta in chunks if delta.content] == ["The sky ", "scatters."]
    assert chunks[0].reasoning_content == "Rayleigh."
    told = the_call(spans).attributes
    assert told[c.CALL_TIME_TO_FIRST_CHUNK] > 0
    # "Why is the sky blue?" has 20 characters; "The sky scatters." 17 and the thought 9
    assert (told[c.INPUT_TOKENS], told[c.OUTPUT_TOKENS]) == (5, 7)


def test_its_tools_are_spans_below_it(agent, spans):
    agent.says(
        INIT,
        piece("Let me look. "),
        before_a_tool("Let me look. "),
        tool("started", "read", "one\n1"),
        tool("started", "grep", "two"),
        tool("completed", "grep", "two", result={"error": {"errorMessage": "no such folder"}}),
        tool("completed", "read", "one\n1", result={"success": {"content": "hello"}}),
        tool("started", "ls", "three"),
        *SIMPLE[1:-1],
        result("Let me look. " + ANSWER),
    )

    answer = composite_llm.completion(AUTO, QUESTION)

    assert answer.choices[0].message.content == "Let me look. " + ANSWER
    call = the_call(spans)
    read, grep, ls = sorted(finished(spans, c.TOOL), key=lambda span: span.start_time)
    assert [span.name for span in (read, grep, ls)] == [
        "execute_tool read",
        "execute_tool grep",
        "execute_tool ls",
    ]
    assert {span.parent.span_id for span in (read, grep, ls)} == {call.context.span_id}
    assert read.attributes[c.TOOL_ARGUMENTS] == '{"path": "a.txt"}'
    assert read.attributes[c.TOOL_RESULT] == '{"success": {"content": "hello"}}'
    assert grep.attributes[c.LANGFUSE_STATUS_MESSAGE] == "the tool failed"
    assert grep.end_time <= read.end_time
    assert ls.attributes[c.LANGFUSE_STATUS_MESSAGE] == "the run was over before this tool was"


def test_a_member_of_a_panel_beside_other_models(agent, simulator, spans):
    agent.says(*SIMPLE)

    answer = composite_llm.completion(
        f"composite/moa/{GPT}",
        QUESTION,
        proposers=[MINI, "composer-cli/composer-2.5 × 2"],
        seed=1,
        max_calls=4,
    )

    assert outline(spans.get_finished_spans()) == (
        "invoke_workflow composite/moa\n"
        "  stage moa.layer1\n"
        "    chat gpt-4o-mini (proposer)\n"
        "    chat composer-2.5 (proposer)\n"
        "    chat composer-2.5 (proposer)\n"
        "  stage moa.aggregate\n"
        "    chat gpt-4o (aggregator)"
    )
    assert str(simulator.requests[-1].messages).count(ANSWER) == 2
    receipt = composite_llm.receipt(answer)
    assert (receipt.cost_status, receipt.unpriced_models) == ("partial", ["composer-cli/composer-2.5"])
    dropped = [
        span.attributes[c.LANGFUSE_STATUS_MESSAGE]
        for span in finished(spans, c.LLM_CALL)[:3]
        if c.LANGFUSE_LEVEL in span.attributes
    ]
    assert dropped == ["not sent, since an agent CLI takes none: seed, temperature"] * 2


def test_it_thinks_in_tags_since_it_takes_no_tools(agent, spans):
    agent.says(INIT, result("<think>Short waves scatter.</think>Blue.", **usage(100, 20)))

    answer = composite_llm.completion("composite/think/composer-cli/auto", QUESTION, think_tags="auto")

    assert answer.choices[0].message.content == "Blue."
    [thinking] = finished(spans, c.THINK_STEP)
    assert "Short waves scatter." in thinking.attributes[c.TOOL_ARGUMENTS]


def test_a_candidate_among_others(agent, spans):
    """Of what a strategy asks of its candidates it is told nothing, and fails for nothing."""
    agent.says(*SIMPLE)

    answer = composite_llm.completion("composite/self_consistency/composer-cli/auto", QUESTION, samples=2)

    assert answer.choices[0].message.content == ANSWER
    assert [run["prompt"].startswith("Why") for run in agent.runs][:2] == [True, True]


def test_a_wish_it_cannot_be_told_is_noted(agent, spans):
    agent.says(*SIMPLE)

    composite_llm.completion(AUTO, QUESTION, temperature=0.2, max_tokens=5, n=1, tool_choice="none")

    assert the_call(spans).attributes[c.LANGFUSE_STATUS_MESSAGE] == (
        "not sent, since an agent CLI takes none: max_tokens, temperature"
    )


def test_a_clients_key_is_never_left_out_in_silence(agent, monkeypatch):
    monkeypatch.setenv("COMPOSITE_LLM_AGENT_CLI_ENV", "")

    with pytest.raises(litellm.BadRequestError, match="names no variable to hand an api_key over by"):
        composite_llm.completion(AUTO, QUESTION, api_key="the-clients")

    assert agent.runs == []


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--model", "composer-2.5"], 0, "composer-cli/composer-2.5"),
        (["--model", "auto", "--stream"], 0, ANSWER),
        ([], 2, "needs --model"),
        (["--model", "auto", "--member", "openai/gpt-4o"], 2, "asks one model"),
    ],
)
def test_asked_from_the_terminal(agent, arguments, code, words):
    agent.says(*SIMPLE)

    done = CliRunner().invoke(app, ["ask", "--mode", "composer-cli", *arguments, "Why is the sky blue?"])

    assert done.exit_code == code, done.output
    assert words in done.output
    assert len(agent.runs) == (code == 0)


def test_without_a_model_it_says_how_it_is_asked_for(agent):
    with pytest.raises(litellm.BadRequestError, match="Write composite/composer-cli/<model>"):
        composite_llm.completion("composite/composer-cli", QUESTION)


TOOL = {
    "type": "function",
    "function": {"name": "weather", "parameters": {"type": "object", "properties": {}}},
}


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({"tools": [TOOL]}, "takes no tools"),
        ({"response_format": {"type": "json_object"}}, "takes no response_format"),
        ({"n": 2}, "takes no n"),
        ({"max_cost_usd": 0.1}, "A budget in dollars or tokens cannot be kept"),
        ({"budget": {"max_tokens": 1000}}, "A budget in dollars or tokens cannot be kept"),
        ({"api_base": "http://127.0.0.1:9"}, "has no api_base"),
    ],
)
def test_what_would_not_be_what_was_asked_for_is_refused_before_it_runs(agent, wish, words):
    with pytest.raises(litellm.BadRequestError, match=words):
        composite_llm.completion(AUTO, QUESTION, **wish)

    assert agent.runs == []


def test_an_empty_answer_is_none(agent):
    agent.says(INIT, result("", **usage(100, 3)))

    with pytest.raises(litellm.InternalServerError, match="answered nothing"):
        composite_llm.completion(AUTO, QUESTION)


def test_simulated_nothing_is_run(agent, simulator):
    answer = composite_llm.completion("composite/composer-cli/sim/auto", QUESTION)

    receipt = composite_llm.receipt(answer)
    assert (receipt.calls[0].model, receipt.simulated) == ("sim/composer-cli/auto", True)
    assert (agent.runs, receipt.cost_status) == ([], "unknown")


async def test_so_many_run_at_once_and_the_others_wait(monkeypatch):
    monkeypatch.setenv("COMPOSITE_LLM_AGENT_CLI_AT_ONCE", "2")
    order, go_on = [], [asyncio.Event() for _ in range(3)]

    async def run(number):
        async with places.place():
            order.append(f"{number} begins")
            await go_on[number].wait()
            order.append(f"{number} ends")

    tasks = [asyncio.create_task(run(number)) for number in range(3)]
    for _ in range(20):
        await asyncio.sleep(0)
    assert order == ["0 begins", "1 begins"]
    tasks[0].cancel()  # one that is given up makes room as well
    go_on[2].set()
    await tasks[2]
    assert order == ["0 begins", "1 begins", "2 begins", "2 ends"]

    async def elsewhere():
        async with places.place():
            order.append("elsewhere")

    waiting = asyncio.create_task(asyncio.to_thread(run_sync, elsewhere))  # on another event loop
    await waiting
    go_on[1].set()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert order[-2:] == ["elsewhere", "1 ends"]
    assert places._taken == 0


async def test_a_call_waits_for_its_place_and_its_span_says_how_long(agent, spans, monkeypatch):
    monkeypatch.setenv("COMPOSITE_LLM_AGENT_CLI_AT_ONCE", "1")
    agent.says(*SIMPLE)

    async with places.place():
        call = asyncio.create_task(composite_llm.acompletion(AUTO, QUESTION))
        await until(lambda: places._waiting._events)
        assert agent.runs == []
        await asyncio.sleep(0.01)
    await call

    assert the_call(spans).attributes[c.AGENT_QUEUE_MS] >= 10
    assert len(agent.runs) == 1
