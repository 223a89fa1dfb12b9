"""Which statuses say that nothing was used, and which leave it open: of two providers' clients, by every door."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import litellm
import pytest
from openai import OpenAIError

import composite_llm
from composite_llm import conventions as c
from composite_llm.engine import resilience

QUESTION = [{"role": "user", "content": "Why is the sky blue?"}]
REFUSED = [400, 401, 403, 404, 409, 413, 422, 425, 429, 503, 529]
OPEN = [408, 499, 500, 502, 504, 520, 524]


@pytest.fixture(scope="module")
def server():
    """Answers the status that its path begins with, and the code behind it."""

    class Failing(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["content-length"]))
            status, _, code = self.path.split("/")[1].partition("-")
            error = {
                "message": f"It cannot be done. {code}",
                "type": "invalid_request_error",
                "code": code or None,
            }
            body = json.dumps({"error": error}).encode()
            self.send_response(int(status), "Failed")
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Failing) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(resilience, "FIRST_PAUSE_S", 0.001)
    composite_llm.register()


def sources(spans):
    """Of each call, and whether the request's cost is known."""
    finished = spans.get_finished_spans()
    calls = [span for span in finished if span.attributes[c.SPAN_TYPE] == c.LLM_CALL]
    [request] = [span for span in finished if span.attributes[c.SPAN_TYPE] == c.REQUEST]
    return {call.attributes[c.USAGE_SOURCE] for call in calls}, request.attributes[c.ROLLUP_COST_STATUS]


@pytest.mark.parametrize("model", ["openai/gpt-4o", "anthropic/claude-sonnet-4-5"])
@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("status", [*REFUSED, *OPEN])
async def test_the_status_says_whether_anything_may_be_billed(server, spans, model, streamed, status):
    async def ask():
        response = await composite_llm.acompletion(
            f"composite/direct/{model}",
            QUESTION,
            api_base=f"{server}/{status}",
            api_key="none",
            stream=streamed,
            composite={"max_retries": 0},
        )
        return [chunk async for chunk in response]

    with pytest.raises(OpenAIError, match="It cannot be done"):
        await ask()

    assert sources(spans) == (({"none"}, "known") if status in REFUSED else ({"missing"}, "unknown"))


@pytest.mark.parametrize("status", [504, 503])
def test_a_caller_that_waits_learns_the_same(server, spans, status):
    with pytest.raises(OpenAIError, match="It cannot be done"):
        composite_llm.completion(
            "composite/direct/openai/gpt-4o", QUESTION, api_base=f"{server}/{status}", api_key="none"
        )

    assert len(spans.get_finished_spans()) == 1 + 3 + 1  # the request, its stage, each attempt
    assert sources(spans) == (({"none"}, "known") if status == 503 else ({"missing"}, "unknown"))


def test_azure_bills_for_requests_that_it_turns_down_over_their_prompt(server, spans):
    with pytest.raises(litellm.BadRequestError):
        composite_llm.completion(
            "composite/direct/azure/gpt-4o",
            QUESTION,
            api_base=f"{server}/400",
            api_key="none",
            api_version="2026-01-01",
        )

    assert sources(spans) == ({"missing"}, "unknown")


def test_a_prompt_that_a_content_filter_stops_may_be_billed(server, spans):
    with pytest.raises(litellm.ContentPolicyViolationError):
        composite_llm.completion(
            "composite/direct/openai/gpt-4o",
            QUESTION,
            api_base=f"{server}/400-content_policy_violation",
            api_key="none",
        )

    assert sources(spans) == ({"missing"}, "unknown")
