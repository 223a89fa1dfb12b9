"""Every way in which a run can fail: its exception, whether it is tried again, whether it may be billed."""

import litellm
import pytest

import composite_llm
from composite_llm import conventions as c
from composite_llm.agent_cli import program
from tests.composite_llm.agent_cli.conftest import KEY
from tests.composite_llm.agent_cli.lines import ANSWER, INIT, SIMPLE, piece, result, thought, usage
from tests.streams import finished

QUESTION = [{"role": "user", "content": "Why is the sky blue?"}]
AUTO = "composite/composer-cli/auto"

FAILURES = {
    "nobody is logged in": (
        [("stderr", "Error: Authentication required. Please run 'agent login' first\n"), ("leave", 1)],
        (litellm.AuthenticationError, "Set CURSOR_API_KEY, or log in once", 1, "none"),
    ),
    "a limit, at the door": (
        [INIT, ("stderr", "\x1b[31mError: You've hit your usage limit\x1b[0m\n"), ("leave", 1)],
        (litellm.RateLimitError, "exit code 1: Error: You've hit your usage limit", 3, "none"),
    ),
    "a limit, in the midst of the work": (
        [INIT, thought("Hm."), ("stderr", "resource_exhausted\n"), ("leave", 1)],
        (litellm.RateLimitError, "resource_exhausted", 3, "missing"),
    ),
    "a model it does not have": (
        [("stderr", "Cannot use this model: auto. Available models: composer-2.5\n"), ("leave", 1)],
        (litellm.NotFoundError, "Available models: composer-2.5", 1, "none"),
    ),
    "an error on stdout, and no exit code": (
        [("raw", "T: Named models unavailable Free plans can only use Auto.\n")],
        (litellm.NotFoundError, "exit code 0 and no result. T: Named models unavailable", 1, "none"),
    ),
    "arguments it does not know": (
        [("stderr", "error: unknown option '--mode'\n"), ("leave", 1)],
        (litellm.BadRequestError, "update it", 1, "none"),
    ),
    "too long a prompt": (
        [("stderr", "The prompt is too long for this model\n"), ("leave", 1)],
        (litellm.ContextWindowExceededError, "too long", 1, "none"),
    ),
    "an exit code and no word": (
        [("leave", 7)],
        (litellm.InternalServerError, "it ended with exit code 7", 3, "missing"),
    ),
    "no result": (
        [INIT, piece("The sky")],
        (litellm.InternalServerError, "exit code 0 and no result", 3, "missing"),
    ),
    "half an event": (
        [INIT, ("raw", '{"type": "result", "subtype": "succ')],
        (litellm.InternalServerError, "exit code 0 and no result, in the middle of an event", 3, "missing"),
    ),
    "a result that is an error": (
        [INIT, result("boom", is_error=True, **usage(10, 1))],
        (litellm.InternalServerError, "it ended with an error: boom", 3, "provider"),
    ),
    "a crash": (
        [INIT, ("kill", 11)],
        (litellm.InternalServerError, "ended by SIGSEGV before its result", 3, "missing"),
    ),
    "an output that is closed while it goes on": (
        [INIT, ("close_output", 0), ("forever", 0)],
        (litellm.InternalServerError, "closed its output without a result, and went on", 3, "missing"),
    ),
    "more than anybody can want": (
        [INIT, ("flood", 3)],
        (litellm.InternalServerError, "printed more than 1 MiB", 3, "missing"),
    ),
}


@pytest.fixture(autouse=True)
def less_is_too_much(monkeypatch):
    monkeypatch.setattr(program, "MOST_OUTPUT", 2**20)
    monkeypatch.setattr("composite_llm.agent_cli.failures.MOST_OUTPUT", 2**20)


@pytest.mark.parametrize("failure", FAILURES)
def test_a_failure_is_an_exception_of_its_kind_with_a_span_for_each_attempt(
    failure, agent, spans, monkeypatch
):
    steps, (kind, words, attempts, source) = FAILURES[failure]
    agent.says(*steps)
    if ("forever", 0) in steps:  # which is waited for in vain
        monkeypatch.setattr(program, "SECONDS_TO_END", 0.05)

    with pytest.raises(kind) as raised:
        composite_llm.completion(AUTO, QUESTION)

    assert type(raised.value) is kind
    assert words in str(raised.value)
    assert "\x1b" not in str(raised.value)
    calls = finished(spans, c.LLM_CALL)
    assert [call.attributes[c.USAGE_SOURCE] for call in calls] == [source] * attempts
    assert len(agent.runs) == attempts
    assert all(words in call.status.description for call in calls)
    assert all(c.COST_USD not in call.attributes for call in calls)
    [request] = finished(spans, c.REQUEST)
    assert request.attributes[c.ROLLUP_COST_STATUS] == ("known" if source == "none" else "unknown")
    assert not program._groups


@pytest.mark.parametrize("name", ["CURSOR_API_KEY", "CURSOR_LOGIN"])
def test_neither_keys_nor_what_the_model_said_stand_in_an_error(agent, spans, monkeypatch, name):
    monkeypatch.setenv("COMPOSITE_LLM_AGENT_CLI_ENV", name)
    monkeypatch.delenv("CURSOR_API_KEY")
    monkeypatch.setenv(name, KEY)
    agent.says(
        INIT,
        (
            "stderr",
            '{"type":"assistant","message":{"content":[{"type":"text","text":"My secret plan"}]}}\n',
        ),
        ("stderr", f"request with {KEY} failed\n"),
        ("leave", 1),
    )

    with pytest.raises(litellm.InternalServerError, match=r"request with \[key\] failed") as raised:
        composite_llm.completion(AUTO, QUESTION, optional_params={"max_retries": 0})

    told = str(raised.value) + "".join(span.to_json() for span in spans.get_finished_spans())
    assert KEY not in told
    assert "My secret plan" not in str(raised.value)


@pytest.mark.parametrize("stream", [False, True])
def test_what_a_failed_run_reports_is_booked(agent, spans, stream):
    agent.says(INIT, piece("Hm."), result("boom", is_error=True, total_cost_usd=0.02, **usage(10, 1, 30)))

    with pytest.raises((litellm.InternalServerError, litellm.exceptions.MidStreamFallbackError)):
        list(composite_llm.completion(AUTO, QUESTION, stream=stream, optional_params={"max_retries": 0}))

    [request] = finished(spans, c.REQUEST)
    told = request.attributes
    assert (told[c.ROLLUP_INPUT_TOKENS], told[c.ROLLUP_OUTPUT_TOKENS]) == (40, 1)
    assert (told[c.ROLLUP_COST_USD], told[c.ROLLUP_COST_STATUS]) == (0.02, "known")


def test_a_result_counts_whatever_the_exit_code_says(agent, spans):
    agent.says(*SIMPLE, ("leave", 3))

    assert composite_llm.completion(AUTO, QUESTION).choices[0].message.content == ANSWER
    [call] = finished(spans, c.LLM_CALL)
    assert call.attributes[c.PROCESS_EXIT_CODE] == 3


def test_a_stream_that_breaks_may_be_billed(agent, spans):
    agent.says(INIT, piece("The sky "), ("leave", 1))

    stream = composite_llm.completion(AUTO, QUESTION, stream=True)
    with pytest.raises(litellm.exceptions.MidStreamFallbackError) as broken:
        list(stream)

    assert isinstance(broken.value.original_exception, litellm.InternalServerError)
    [call] = finished(spans, c.LLM_CALL)
    assert call.attributes[c.USAGE_SOURCE] == "missing"
    assert "The sky " in call.attributes[c.OUTPUT_VALUE]
    assert len(agent.runs) == 1, "from the first word on nothing is tried again"


def test_another_model_answers_where_the_agent_cannot(agent, simulator):
    agent.says(("leave", 1))

    answer = composite_llm.completion(
        AUTO, QUESTION, optional_params={"max_retries": 0, "fallbacks": ["sim/openai/gpt-4o"]}
    )

    models = [call.model for call in composite_llm.receipt(answer).calls]
    assert models == ["composer-cli/auto", "sim/openai/gpt-4o"]
