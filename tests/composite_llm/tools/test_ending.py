"""Models that call tools without an end, on a server that takes no `tool_choice`."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import litellm
import pytest

import composite_llm
from tests.composite_llm.tools.asking import DIRECT, MINI, MOA, QUESTION, SONNET, WEATHER, calls_of


class Caller(BaseHTTPRequestHandler):
    """Whatever it is asked, it calls get_weather, if the request has tools."""

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.asked.append(request["model"].rpartition("/")[2])
        call = {"name": "get_weather", "arguments": '{"city": "Oslo"}'}
        message = {"role": "assistant", "content": self.server.words}
        if request.get("tools"):
            call_id = f"call_{len(self.server.asked)}"
            message["tool_calls"] = [{"id": call_id, "type": "function", "function": call}]
        choice = {"index": 0, "message": message, "finish_reason": "tool_calls"}
        usage = {"prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 12}
        answer = {"id": "1", "object": "chat.completion", "created": 1, "model": request["model"]}
        body = json.dumps({**answer, "choices": [choice], "usage": usage}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def caller(monkeypatch):
    with ThreadingHTTPServer(("127.0.0.1", 0), Caller) as server:
        server.asked, server.words = [], None
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("COMPOSITE_LLM_SIMULATOR", f"http://127.0.0.1:{server.server_port}/v1")
        composite_llm.register()
        yield server
        server.shutdown()


@pytest.fixture
def given():
    return {"tools": [WEATHER], "tool_executor": lambda name, arguments: "4 degrees", "max_tool_calls": 2}


async def test_a_model_that_calls_on_and_says_nothing_has_failed(ask, caller, given):
    with pytest.raises(litellm.InternalServerError, match="after max_tool_calls=2, and said nothing"):
        await ask(DIRECT, QUESTION, **given)

    assert caller.asked == ["gpt-4o"] * 3  # two calls are run, and once it is asked to answer without


async def test_what_it_says_beside_its_calls_is_its_answer(ask, caller, given):
    caller.words = "It is cold."
    response = await ask(DIRECT, QUESTION, **given)

    assert response.choices[0].message.content == "\n\n".join(["It is cold."] * 3)  # as a stream has them
    assert (calls_of(response), response.choices[0].finish_reason) == ([], "stop")
    assert caller.asked == ["gpt-4o"] * 3
    assert response.usage.total_tokens == 3 * 12


async def test_members_that_vote_for_calls_on_and_on_leave_it_to_the_final_model(ask, caller, given):
    caller.words = "Cold, I think."
    await ask(MOA, QUESTION, proposers=[MINI, SONNET], tool_policy="vote", **given)

    assert sorted(caller.asked[:6]) == ["claude-sonnet-4-5"] * 3 + ["gpt-4o-mini"] * 3
    assert caller.asked[6:] == ["gpt-4o"] * 3
