"""Plugins that raise what would end a program or a task: they have failed, and the request goes on."""

import asyncio
import sys
import threading

import litellm
import pytest

import composite_llm
from composite_llm import conventions as c
from composite_llm.engine.loop_thread import run_sync
from composite_llm.plugins import Plugin, install
from composite_llm.plugins.own_failures import meant_for_others

DIRECT = "composite/direct/sim/openai/gpt-4o"
ASKED = [{"role": "user", "content": "Why is the sky blue?"}]
SAID = {"extra_body": {"simulator": {"content": "All is well."}}}


def whole():
    return litellm.completion(DIRECT, ASKED, **SAID).choices[0].message.content


def awaited():
    response = run_sync(lambda: composite_llm.acompletion(DIRECT, ASKED, **SAID))
    return response.choices[0].message.content


def streamed():
    chunks = litellm.completion(DIRECT, ASKED, stream=True, **SAID)
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


WAYS = [whole, awaited, streamed]


class Raises(Plugin):
    """The same at every step."""

    name = "raises"
    rewrites = True

    def __init__(self, error):
        super().__init__()
        self.error = error

    def raise_it(self):
        raise self.error

    async def on_request(self, exchange):
        self.raise_it()

    async def on_answer(self, exchange, text):
        self.raise_it()

    def rewriter(self, exchange):
        self.raise_it()

    def on_call(self, exchange, call):
        self.raise_it()

    def on_end(self, exchange, summary):
        self.raise_it()


class FailsInAStream(Raises):
    async def on_request(self, exchange):
        return None

    def rewriter(self, exchange):
        return self

    def feed(self, text):
        self.raise_it()

    def end(self):
        self.raise_it()


ERRORS = [SystemExit(3), KeyboardInterrupt(), asyncio.CancelledError(), RuntimeError("no"), StopIteration()]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", [Raises, FailsInAStream])
@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_whatever_a_plugin_raises_the_request_goes_on(simulator, plugins, spans, way, kind, error):
    install(raising := kind(error))
    plugins("modifier", suffix="!")

    assert way() == "All is well.!"
    assert raising.failures >= 3
    [request] = [span for span in spans.get_finished_spans() if span.attributes[c.SPAN_TYPE] == c.REQUEST]
    assert request.attributes[c.STOP_REASON] == "complete"
    assert whole() == "All is well.!"  # the loop that all requests share still runs


class Returns(Plugin):
    """What no plugin may return."""

    name = "returns"
    rewrites = True
    messages, answer = ["Why?"], 3

    async def on_request(self, exchange):
        return self.messages

    async def on_answer(self, exchange, text):
        return self.answer

    def rewriter(self, exchange):
        return self

    def feed(self, text):
        return self.answer

    def end(self):
        return self.answer


@pytest.mark.parametrize("way", WAYS)
def test_what_a_plugin_makes_that_is_no_conversation_or_text_is_passed_over(simulator, plugins, caplog, way):
    install(Returns())
    plugins("modifier", suffix="!")

    assert way() == "All is well.!"
    assert "it made a conversation that no model can read: messages[0] must be a dict" in caplog.text
    assert "it made int of" in caplog.text


class Hangs(Plugin):
    name = "hangs"

    def __init__(self):
        super().__init__()
        self.reached = threading.Event()

    async def on_request(self, exchange):
        self.reached.set()
        await asyncio.Event().wait()


async def test_a_request_whose_client_goes_ends_also_inside_a_plugin(simulator, plugins, spans):
    install(hangs := Hangs())
    asking = asyncio.create_task(composite_llm.acompletion(DIRECT, ASKED))
    await asyncio.to_thread(hangs.reached.wait)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking

    [request] = [span for span in spans.get_finished_spans() if span.attributes[c.SPAN_TYPE] == c.REQUEST]
    assert request.attributes[c.STOP_REASON] == "cancelled"
    assert hangs.failures == 0


def test_ctrl_c_is_taken_for_a_plugins_own_only_where_it_cannot_be_one():
    found = []
    thread = threading.Thread(target=lambda: found.append(meant_for_others(KeyboardInterrupt())))
    thread.start()
    thread.join()

    assert meant_for_others(KeyboardInterrupt())
    assert found == [False]
    assert not meant_for_others(SystemExit())
    assert not meant_for_others(asyncio.CancelledError())


PROGRAM = """
import os, signal, composite_llm
from composite_llm.plugins import Plugin, install

class Interrupts(Plugin):
    async def on_request(self, exchange):
        os.kill(os.getpid(), signal.SIGINT)
        import asyncio
        await asyncio.Event().wait()

composite_llm.register()
install(Interrupts())
try:
    composite_llm.completion("composite/direct/sim/openai/gpt-4o", [{"role": "user", "content": "Hello?"}])
except KeyboardInterrupt:
    print("stopped")
"""


async def test_a_real_ctrl_c_ends_a_request_that_is_inside_a_plugin(simulator, tmp_path):
    import os

    environment = {
        **os.environ,
        "COMPOSITE_LLM_SIMULATOR": simulator.url,
        "COMPOSITE_LLM_DATA": str(tmp_path),
    }
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, stdout=asyncio.subprocess.PIPE, env=environment
    )
    out, _ = await program.communicate()

    assert out.decode().strip() == "stopped"
    assert program.returncode == 0
