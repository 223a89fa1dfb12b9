"""Bad input and failing members: a clear error of the right class, and a span that tells."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import litellm
import pytest
from opentelemetry.trace import StatusCode

import composite_llm
from composite_llm import conventions as c
from composite_llm.engine import resilience
from composite_llm.simulator import Simulator
from tests.outline import outline

QUESTION = [{"role": "user", "content": "Why is the sky blue?"}]
GPT, MINI, SONNET = "sim/openai/gpt-4o", "sim/openai/gpt-4o-mini", "sim/anthropic/claude-sonnet-4-5"


@pytest.fixture
def failing(monkeypatch):
    """A model server on which gpt-4o-mini always refuses the key and gemini answers nothing."""
    with Simulator(
        speed=0, faults={"openai/gpt-4o-mini": "401:1", "gemini/gemini-2.5-flash": "empty:1"}
    ) as server:
        monkeypatch.setenv("COMPOSITE_LLM_SIMULATOR", server.url)
        composite_llm.register()
        yield server


def request_span(spans):
    [span] = [span for span in spans.get_finished_spans() if span.attributes[c.SPAN_TYPE] == c.REQUEST]
    return span


@pytest.mark.parametrize(
    ("model", "parameters", "sentence"),
    [
        ("composite/moe/openai/gpt-4o", {}, "There is no strategy named 'moe'. Did you mean 'moa'?"),
        ("composite/profile/fast", {}, "There is no profile named 'fast'"),
        ("composite/moa/sim/openai/gpt-4o", {}, "proposers is required, such as"),
        (
            "composite/moa/sim/openai/gpt-4o",
            {"proposers": ["acme-1"]},
            "'acme-1' names no provider LiteLLM knows",
        ),
        ("composite/moa/acme-1", {"proposers": [MINI]}, "'acme-1' names no provider LiteLLM knows"),
        ("composite/moa/sim/openai/gpt-4o", {"proposers": ["composite/moa/x/y"]}, "cannot be a member"),
        ("composite/direct/sim/openai/gpt-4o", {"seed": "abc"}, "seed must be a whole number, not 'abc'"),
        ("composite/direct/sim/openai/gpt-4o", {"composite": [1]}, "composite must be a dict"),
        ("composite/moa/sim/openai/gpt-4o", {"proposers": ["a/b × 1000"]}, "more than 64 samples"),
        ("composite/moa/sim/openai/gpt-4o", {"proposers": ["", MINI]}, "one of the models is an empty name"),
        ("composite/moa/sim/openai/gpt-4o", {"proposers": [MINI], "council_models": [MINI]}, "council has"),
    ],
)
def test_a_wrong_request_is_a_bad_request_before_any_call(simulator, spans, model, parameters, sentence):
    asked = len(simulator.requests)
    with pytest.raises(litellm.BadRequestError) as error:
        litellm.completion(model, QUESTION, **parameters)

    assert sentence in str(error.value)
    assert len(simulator.requests) == asked


def test_no_messages_are_a_bad_request(simulator, spans):
    with pytest.raises(litellm.BadRequestError, match="messages is empty"):
        litellm.completion("composite/direct/" + GPT, [])


def test_a_name_litellm_would_send_elsewhere_is_refused_before_it_does(simulator):
    with pytest.raises(litellm.BadRequestError, match="LiteLLM sends any model with this name"):
        composite_llm.completion("composite/direct/sim/replicate/meta/llama-2", QUESTION)


def test_a_wrong_request_is_stored_as_a_span_with_its_error(simulator, spans):
    with pytest.raises(litellm.BadRequestError):
        litellm.completion("composite/moe/openai/gpt-4o", QUESTION)

    span = request_span(spans)
    assert span.status.status_code is StatusCode.ERROR
    assert "There is no strategy named 'moe'" in span.status.description
    assert span.attributes[c.ERROR_TYPE] == "composite_llm.errors.BadRequest"
    assert span.attributes[c.MODEL_NAME] == "composite/moe/openai/gpt-4o"


def test_a_proposer_that_fails_is_left_out_and_shown(failing, spans):
    response = litellm.completion("composite/moa/" + GPT, QUESTION, proposers=[MINI, SONNET])

    assert response.choices[0].message.content
    assert (
        outline(spans.get_finished_spans())
        == """\
invoke_workflow composite/moa
  stage moa.layer1
    chat gpt-4o-mini (proposer) error
    chat claude-sonnet-4-5 (proposer)
  stage moa.aggregate
    chat gpt-4o (aggregator)"""
    )
    [layer] = [span for span in spans.get_finished_spans() if span.name == "stage moa.layer1"]
    assert layer.status.status_code is StatusCode.UNSET
    assert (layer.attributes[c.STAGE_SUCCEEDED], layer.attributes[c.STAGE_FAILED]) == (1, 1)
    assert layer.attributes[c.LANGFUSE_LEVEL] == "WARNING"
    assert request_span(spans).attributes[c.ROLLUP_ERRORS] == 1


def test_an_empty_answer_is_a_failed_proposal_that_was_paid_for(failing, spans):
    response = litellm.completion(
        "composite/moa/" + GPT, QUESTION, proposers=["sim/gemini/gemini-2.5-flash", SONNET]
    )

    empty = composite_llm.receipt(response).calls[0]
    assert (empty.outcome, empty.error) == ("empty", "proposer sim/gemini/gemini-2.5-flash: answered nothing")
    assert empty.cost is not None


def test_when_all_proposers_fail_the_client_gets_their_common_class(failing, spans):
    with pytest.raises(litellm.AuthenticationError) as error:
        litellm.completion("composite/moa/" + GPT, QUESTION, proposers=[f"{MINI} × 2"])

    assert (
        "moa.layer1: all 2 calls failed. proposer sim/openai/gpt-4o-mini: AuthenticationError: OpenAIException"
        in str(error.value)
    )
    assert (
        outline(spans.get_finished_spans())
        == """\
invoke_workflow composite/moa
  stage moa.layer1
    chat gpt-4o-mini (proposer) error
    chat gpt-4o-mini (proposer) error"""
    )
    assert request_span(spans).status.status_code is StatusCode.ERROR


def test_a_council_goes_on_when_no_review_could_be_had(failing, spans):
    response = litellm.completion(
        "composite/council/" + GPT, QUESTION, council_models=[GPT, SONNET], review_models=[MINI]
    )

    assert response.choices[0].message.content
    assert "no rankings were given" in failing.requests[-1].messages[-1].content


@pytest.mark.parametrize("fault", ["malformed", "truncated", "drop"])
def test_an_answer_that_is_lost_on_its_way_may_have_been_billed(simulator, spans, monkeypatch, fault):
    monkeypatch.setattr(resilience, "FIRST_PAUSE_S", 0.01)
    with pytest.raises(litellm.InternalServerError):
        litellm.completion("composite/direct/" + GPT, QUESTION, extra_body={"simulator": {"fault": fault}})

    calls = [span for span in spans.get_finished_spans() if span.attributes[c.SPAN_TYPE] == c.LLM_CALL]
    assert {call.attributes[c.USAGE_SOURCE] for call in calls} == {"missing"}
    assert request_span(spans).attributes[c.ROLLUP_COST_STATUS] == "unknown"


@pytest.mark.parametrize(
    ("fault", "kind"), [("401", "AuthenticationError"), ("context_length", "ContextWindowExceededError")]
)
def test_a_refused_call_is_known_to_cost_nothing(simulator, spans, fault, kind):
    with pytest.raises(getattr(litellm, kind)):
        litellm.completion("composite/direct/" + GPT, QUESTION, extra_body={"simulator": {"fault": fault}})

    [call] = [span for span in spans.get_finished_spans() if span.attributes[c.SPAN_TYPE] == c.LLM_CALL]
    assert call.attributes[c.USAGE_SOURCE] == "none"
    assert request_span(spans).attributes[c.ROLLUP_COST_STATUS] == "known"


def test_a_provider_that_asks_for_a_long_wait_is_given_up_on(simulator, spans):
    told = {"simulator": {"fault": "429", "retry_after_s": 300}}
    with pytest.raises(litellm.RateLimitError):
        litellm.completion("composite/direct/" + GPT, QUESTION, extra_body=told)

    assert len(spans.get_finished_spans()) == 3


def test_a_servers_own_error_is_not_taken_for_a_missing_key(simulator, spans, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setattr(litellm, "api_key", "configured-in-code")
    told = {"simulator": {"fault": "context_length"}}
    with pytest.raises(litellm.ContextWindowExceededError):
        litellm.completion(
            "composite/direct/openai/gpt-4o", QUESTION, api_base=simulator.url, extra_body=told
        )


def test_a_missing_key_says_which_variable_to_set_and_is_not_retried(simulator, spans, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(
        litellm.AuthenticationError,
        match="no API key: set OPENAI_API_KEY, or try it without one as sim/openai/gpt-4o",
    ):
        litellm.completion("composite/direct/openai/gpt-4o", QUESTION)

    assert len(spans.get_finished_spans()) == 3


@pytest.fixture
def telltale():
    """A server that repeats the key it was sent in its error, as some do."""

    class Telltale(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["content-length"]))
            key = self.headers["authorization"].removeprefix("Bearer ")
            body = {"error": {"message": f"Incorrect API key provided: {key} acme-secret-value", "code": 401}}
            self.send_response(401)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Telltale) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1"
        server.shutdown()


def test_keys_never_reach_spans_or_errors(spans, monkeypatch, telltale):
    composite_llm.register()
    key = "0123456789abcdef0123456789abcdef"  # no shape of its own, as Azure's have none
    monkeypatch.setenv("ACME_API_KEY", "acme-secret-value")
    with pytest.raises(litellm.AuthenticationError) as error:
        litellm.completion("composite/direct/openai/gpt-4o", QUESTION, api_key=key, api_base=telltale)

    finished = [(dict(span.attributes), span.status.description) for span in spans.get_finished_spans()]
    assert "Incorrect API key provided: [key] [key]" in str(error.value)
    assert key not in f"{error.value} {finished}"
    assert "acme-secret-value" not in f"{error.value} {finished}"
