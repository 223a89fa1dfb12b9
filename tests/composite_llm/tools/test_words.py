"""A model that says something beside the tools it calls: the client gets all its words, streamed or not."""

import asyncio
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import litellm
import pytest

import composite_llm
from composite_llm.engine.run import Call
from composite_llm.strategies.parameters import StrategyParameters
from composite_llm.strategies.registry import STRATEGIES, strategy
from tests.composite_llm.tools.asking import DIRECT, GPT, MINI, MOA, QUESTION, WEATHER

RAN = {"tools": [WEATHER], "tool_executor": lambda name, arguments: "4 degrees"}

ARGUMENTS = {
    "get_weather": '{"city": "Oslo"}',
    "search_handbook": '{"query": "cold"}',
    "think": '{"thought": "Cold?"}',
}
USAGE = {"prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 12}


class Talker(BaseHTTPRequestHandler):
    """Says, and calls, what its script has for a conversation with so many results of tools."""

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.asked.append(request["messages"])
        done = sum(message["role"] == "tool" for message in request["messages"])
        words, name = self.server.script[done]
        if "proposer" in str(request["messages"][0]["content"]) or not request.get("tools"):
            words, name = "A proposal.", None
        self.send_response(200)
        if request.get("stream"):
            self.answer("text/event-stream", self.streamed(words, name, done))
        else:
            message = {"role": "assistant", "content": words, "tool_calls": self.calls(name, done)}
            choice = {"index": 0, "message": message, "finish_reason": "tool_calls" if name else "stop"}
            whole = {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
            self.answer("application/json", json.dumps(whole | {"usage": USAGE}))

    def calls(self, name, done):
        function = {"name": name, "arguments": ARGUMENTS.get(name, "{}")}
        return (
            [{"index": 0, "id": f"call_{done}", "type": "function", "function": function}] if name else None
        )

    def streamed(self, words, name, done):
        deltas = [{"role": "assistant", "content": words[:4]}, {"content": words[4:]}]
        deltas += [{"tool_calls": self.calls(name, done)}] if name else []
        choices = [[{"index": 0, "delta": delta, "finish_reason": None}] for delta in deltas]
        choices.append([{"index": 0, "delta": {}, "finish_reason": "tool_calls" if name else "stop"}])
        chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
        chunks = [chunk | {"choices": each} for each in choices] + [chunk | {"choices": [], "usage": USAGE}]
        return "".join(f"data: {json.dumps(each)}\n\n" for each in chunks) + "data: [DONE]\n\n"

    def answer(self, kind, text):
        body = text.encode()
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def talker(monkeypatch):
    with ThreadingHTTPServer(("127.0.0.1", 0), Talker) as server:
        server.asked = []
        server.script = [
            ("Let me look. ", "get_weather"),
            ("And again.", "get_weather"),
            ("It is cold.", None),
        ]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("COMPOSITE_LLM_SIMULATOR", f"http://127.0.0.1:{server.server_port}/v1")
        composite_llm.register()
        yield server
        server.shutdown()


@pytest.fixture(params=["sync", "async", "streamed", "streamed sync"])
def said(request):
    """Await `said(model, messages, …)`: the message that the client gets."""

    def streamed(*arguments, **given):
        chunks = list(composite_llm.completion(*arguments, stream=True, **given))
        return litellm.stream_chunk_builder(chunks)

    async def answered(*arguments, **given):
        if request.param == "sync":
            response = await asyncio.to_thread(composite_llm.completion, *arguments, **given)
        elif request.param == "async":
            response = await composite_llm.acompletion(*arguments, **given)
        elif request.param == "streamed sync":
            response = await asyncio.to_thread(streamed, *arguments, **given)
        else:
            stream = await composite_llm.acompletion(*arguments, stream=True, **given)
            response = litellm.stream_chunk_builder([chunk async for chunk in stream])
        return response.choices[0].message

    return answered


async def test_an_executors_answer_has_the_words_of_all_its_turns(talker, said):
    message = await said(DIRECT, QUESTION, **RAN)

    assert message.content == "Let me look. \n\nAnd again.\n\nIt is cold."
    assert not message.tool_calls
    assert [turn["content"] for turn in talker.asked[-1] if turn["role"] == "assistant"] == [
        "Let me look. ",
        "And again.",
    ]


async def test_turns_without_words_leave_no_gap(talker, said):
    talker.script = [("", "get_weather"), ("", "get_weather"), ("It is cold.", None)]

    assert (await said(DIRECT, QUESTION, **RAN)).content == "It is cold."


async def test_what_members_say_beside_their_own_tools_stays_with_them(talker, said, search):
    """Their last turn is their answer."""
    talker.script = [("Let me look.", "search_handbook"), ("Here.", None)]
    await said(MOA, QUESTION, proposers=[MINI], tools=[WEATHER], tool_policy="members_internal")

    aggregator = next(
        asked for asked in talker.asked if "Here." in str(asked[0]) or "Here." in str(asked[-1])
    )
    assert "Let me look." not in str(aggregator)


@pytest.fixture
def thinker():
    class Parameters(StrategyParameters):
        def models(self, base_model):
            return [base_model]

    @strategy("thinker", Parameters)
    async def run(run, parameters):
        async with run.stage("direct", "thinker") as stage:
            return await stage.final(Call(run.model, run.messages, "direct", internal_tools=["think"]))

    yield f"composite/thinker/{GPT}"
    del STRATEGIES["thinker"]


async def test_a_turn_the_client_heard_over_thoughts_is_known_again(talker, said, thinker):
    """Two turns, a thought and then a call of the client's: in the next request both are there as they were."""
    talker.script = [("Hm.", "think"), ("I call.", "get_weather"), ("It is cold.", None)]
    message = await said(thinker, QUESTION, tools=[WEATHER])
    assert message.content == "Hm.\n\nI call."
    [call] = message.tool_calls

    result = {"role": "tool", "tool_call_id": call.id, "content": "4 degrees"}
    last = await said(thinker, [*QUESTION, message.model_dump(exclude_none=True), result], tools=[WEATHER])

    assert last.content == "It is cold."
    told = [(turn["role"], turn.get("content")) for turn in talker.asked[-1]]
    assert told[1:] == [
        ("assistant", "Hm."),
        ("tool", ""),
        ("assistant", "I call."),
        ("tool", "4 degrees"),
    ]
