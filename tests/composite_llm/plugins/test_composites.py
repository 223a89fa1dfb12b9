"""Plugins around composite requests, at every way of calling: synchronous, asynchronous, streamed."""

import asyncio
import json
import logging

import litellm
import pytest

import composite_llm
from composite_llm import conventions as c
from composite_llm.engine.loop_thread import run_sync
from composite_llm.plugins import BadPlugins, Plugin, install, make, read_plugins
from composite_llm.plugins.pieces import HELD_BACK
from tests.outline import outline

GPT, MINI, SONNET = "sim/openai/gpt-4o", "sim/openai/gpt-4o-mini", "sim/anthropic/claude-sonnet-4-5"
DIRECT = "composite/direct/" + GPT


def asked(text="Why is the sky blue?"):
    return [{"role": "user", "content": text}]


def says(content, **more):
    """Tells the simulator what to answer. Only the final call hears it."""
    return {"extra_body": {"simulator": {"content": content, **more}}}


def whole(model, messages, **parameters):
    return litellm.completion(model, messages, **parameters).choices[0].message.content


def streamed(model, messages, **parameters):
    chunks = litellm.completion(model, messages, stream=True, **parameters)
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


def awaited(model, messages, **parameters):
    response = run_sync(lambda: composite_llm.acompletion(model, messages, **parameters))
    return response.choices[0].message.content


WAYS = [whole, awaited, streamed]
NUMBERED = " ".join(f"word{number}" for number in range(400))


@pytest.mark.parametrize("way", WAYS)
def test_a_modifier_changes_the_answer(simulator, plugins, way):
    plugins("modifier", prefix="> ", suffix=" [checked]", replace={"blue": "azure"})

    assert way(DIRECT, asked(), **says("The sky is blue.")) == "> The sky is azure. [checked]"


@pytest.mark.parametrize("way", WAYS)
def test_a_filter_masks_what_goes_out_and_what_comes_in(simulator, plugins, way):
    plugins("content_filter", patterns=["project [a-z]+"])

    assert (
        way(DIRECT, asked("Is Project Apollo late?"), **says("Yes, project zeus is late."))
        == "Yes, [filtered] is late."
    )
    assert simulator.requests[-1].messages[-1].content == "Is [filtered] late?"


@pytest.mark.parametrize("way", WAYS)
def test_a_filter_refuses_a_prompt_before_anything_is_asked(simulator, plugins, spans, way):
    plugins("content_filter", patterns=["apollo"], action="refuse")
    before = len(simulator.requests)

    with pytest.raises(litellm.ContentPolicyViolationError, match="keeps out"):
        way("composite/moa/" + GPT, asked("Is Apollo late?"), proposers=[MINI])

    assert len(simulator.requests) == before
    [request] = [span for span in spans.get_finished_spans() if span.attributes[c.SPAN_TYPE] == c.REQUEST]
    assert request.attributes[c.ROLLUP_CALLS] == 0


@pytest.mark.parametrize("way", WAYS)
def test_a_filter_withholds_an_answer(simulator, plugins, way):
    plugins("content_filter", patterns=["zeus"], action="refuse", notice="No.")

    assert way(DIRECT, asked(), **says("Ask Zeus.")) == "No."


def test_a_pattern_that_lies_across_chunks_is_found(simulator, plugins):
    plugins("content_filter", patterns=["secret-[0-9]+-end"])
    filler = "word " * 100
    text = f"{filler}secret-{'7' * 40}-end {filler}"

    assert streamed(DIRECT, asked(), **says(text)) == f"{filler}[filtered] {filler}"


def test_a_stream_through_a_plugin_still_streams(simulator, plugins):
    """More characters than are held back have come before the last chunk."""
    plugins("modifier", suffix="!")
    chunks = litellm.completion(DIRECT, asked(), stream=True, **says(NUMBERED))
    texts = [
        chunk.choices[0].delta.content for chunk in chunks if chunk.choices and chunk.choices[0].delta.content
    ]

    assert "".join(texts) == NUMBERED + "!"
    assert len(texts) > 10
    assert len(texts[-1]) <= HELD_BACK + len("!")


@pytest.mark.parametrize("way", WAYS)
def test_a_premium_model_refines_what_a_cheap_one_wrote(simulator, plugins, spans, way):
    plugins("enhance", model=GPT, instruction="Make it better.")

    answer = way("composite/direct/" + MINI, asked(), **says("A draft."))

    refining = simulator.requests[-1]
    assert answer == refining.answer
    assert "<draft>\nA draft.\n</draft>" in refining.messages[-1].content
    assert (
        outline(spans.get_finished_spans())
        == """\
invoke_workflow composite/direct
  stage direct
    chat gpt-4o-mini (direct)
  stage plugin.enhance
    chat gpt-4o (enhance)"""
    )


def test_what_the_premium_model_cost_is_in_the_total(simulator, plugins, spans):
    """gpt-4o-mini $0.15 and $0.60, gpt-4o $2.50 and $10 a million; the simulator says what the refining used."""
    plugins("enhance", model=GPT)
    used = {"prompt_tokens": 2000, "completion_tokens": 500}
    response = litellm.completion("composite/direct/" + MINI, asked(), **says("A draft.", usage=used))

    [refining] = [
        span for span in spans.get_finished_spans() if span.attributes.get(c.CALL_ROLE) == "enhance"
    ]
    of_premium = refining.attributes[c.INPUT_TOKENS] * 2.5e-6 + refining.attributes[c.OUTPUT_TOKENS] * 10e-6
    assert refining.attributes[c.COST_USD] == pytest.approx(of_premium, abs=1e-12)
    assert response._hidden_params["response_cost"] == pytest.approx(0.0003 + 0.0003 + of_premium, abs=1e-12)
    assert composite_llm.receipt(response).cost_usd == pytest.approx(0.0006 + of_premium, abs=1e-12)


class Broken(Plugin):
    rewrites = True

    async def on_request(self, exchange):
        raise RuntimeError("no request for you")

    async def on_answer(self, exchange, text):
        raise RuntimeError("no answer for you, key sk-proj-abcdefghijklmnopqrstuvwxyz0123456789")

    def rewriter(self, exchange):
        return self

    def feed(self, text):
        raise RuntimeError("no chunk for you")

    def end(self):
        raise RuntimeError("no end for you")

    def on_call(self, exchange, call):
        raise RuntimeError("no call for you")

    def on_end(self, exchange, summary):
        raise RuntimeError("no end for you")


@pytest.mark.parametrize("way", WAYS)
def test_a_plugin_that_fails_breaks_nothing_and_is_counted(simulator, plugins, spans, caplog, way):
    Broken.name = "broken"
    install(broken := Broken())
    plugins("modifier", suffix="!")

    assert way(DIRECT, asked(), **says("All is well.")) == "All is well.!"
    assert broken.failures >= 4  # request, answer or chunk, call, end
    assert "plugin broken failed at on_request: RuntimeError: no request for you" in caplog.text
    assert "sk-proj-" not in caplog.text
    [request] = [span for span in spans.get_finished_spans() if span.attributes[c.SPAN_TYPE] == c.REQUEST]
    assert "plugin broken failed" in request.attributes[c.LANGFUSE_STATUS_MESSAGE]


def test_a_plugin_that_hangs_is_passed_over(simulator, plugins):
    class Hangs(Plugin):
        rewrites = True

        async def on_answer(self, exchange, text):
            await asyncio.Event().wait()

    install(hangs := Hangs(Plugin.Settings(timeout_s=0.05)))

    assert whole(DIRECT, asked(), **says("Here.")) == "Here."
    assert hangs.failures == 1


def test_plugins_do_not_meet_the_calls_inside(simulator, plugins):
    """Members and what a plugin asks itself: else a suffix would be written into every proposal."""
    plugins("modifier", suffix=" [once]")
    plugins("enhance", model=GPT)
    whole("composite/moa/" + GPT, asked(), proposers=[MINI, SONNET])

    *members, final, refining = simulator.requests[-4:]
    assert len(members) == 2
    assert not any("[once]" in message.content for record in [*members, final] for message in record.messages)
    assert refining.messages[-1].content.count("[once]") == 1


def test_a_plugin_is_for_the_models_it_names(simulator, plugins):
    plugins("modifier", suffix="!", models=["composite/moa/*"])

    assert whole(DIRECT, asked(), **says("Quiet.")) == "Quiet."


def test_tool_calls_pass_as_they_are(simulator, plugins):
    plugins("modifier", suffix="!")
    tools = [
        {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}
    ]
    response = litellm.completion(DIRECT, asked(), tools=tools, tool_choice="required")

    assert response.choices[0].message.tool_calls[0].function.name == "look"
    assert not response.choices[0].message.content


def test_every_call_is_a_line_of_json(simulator, plugins, tmp_path):
    file = tmp_path / "calls.jsonl"
    plugins("call_log", file=file)
    response = litellm.completion("composite/moa/" + GPT, asked(), proposers=[MINI, "sim/acme/frontier-1"])

    lines = [json.loads(line) for line in file.read_text().splitlines()]
    receipt = composite_llm.receipt(response)
    assert sorted((line["role"], line["model"]) for line in lines) == [
        ("aggregator", GPT),
        ("proposer", "sim/acme/frontier-1"),
        ("proposer", MINI),
    ]
    assert {line["trace_id"] for line in lines} == {receipt.trace_id}
    costs = {line["model"]: line["cost_usd"] for line in lines}
    assert costs["sim/acme/frontier-1"] is None
    assert sum(cost for cost in costs.values() if cost) == pytest.approx(receipt.known_cost_usd, abs=1e-12)
    assert file.stat().st_mode & 0o077 == 0


def test_the_request_log_holds_no_secrets(simulator, plugins, caplog):
    plugins("request_log")
    caplog.set_level(logging.INFO, logger="composite_llm.requests")
    whole(
        DIRECT,
        asked("My key is sk-proj-abcdefghijklmnopqrstuvwxyz0123456789, I am ann@example.com."),
        **says("Card 4111 1111 1111 1111."),
    )

    [entry] = [
        json.loads(record.message) for record in caplog.records if record.name == "composite_llm.requests"
    ]
    assert entry["question"] == "My key is [key], I am [email]."
    assert entry["answer"] == "Card [card]."
    assert (entry["model"], entry["outcome"], entry["calls"]) == (DIRECT, "ok", 1)


def test_plugins_are_read_from_a_file(simulator, monkeypatch, tmp_path):
    file = tmp_path / "plugins.yaml"
    file.write_text(
        "plugins:\n  - name: modifier\n    suffix: ' (from a file)'\n    models: ['composite/*']\n"
    )
    monkeypatch.setattr(litellm, "callbacks", [])
    monkeypatch.setenv("COMPOSITE_LLM_PLUGINS", str(file))
    composite_llm.register()
    composite_llm.register()

    assert whole(DIRECT, asked(), **says("Text")) == "Text (from a file)"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            "plugins:\n  - name: modifyer\n",
            "plugin 1: there is no plugin named 'modifyer'. Did you mean 'modifier'",
        ),
        ("plugins:\n  - name: modifier\n  - suffix: x\n", "plugin 2 has no name"),
        (
            "plugins:\n  - {name: modifier, sufix: x}\n",
            "plugin 1: plugin modifier: sufix: Extra inputs are not permitted",
        ),
        ("plugins:\n  - {name: content_filter, patterns: ['(']}\n", "is no regular expression"),
        ("plugins:\n  - name: os.path.join\n", "is no subclass of composite_llm.plugins.Plugin"),
        ("plugin: []\n", "has no list under plugins:"),
        ("plugins: [\n", "is no YAML"),
    ],
)
def test_a_file_that_is_wrong_says_where(tmp_path, text, complaint):
    file = tmp_path / "plugins.yaml"
    file.write_text(text)

    with pytest.raises(BadPlugins) as error:
        read_plugins(file)

    assert complaint in str(error.value)
    assert str(file) in str(error.value)


def test_a_plugin_of_ones_own_is_named_by_its_module():
    assert isinstance(make("composite_llm.plugins.modifier.Modifier", suffix="!"), Plugin)
