"""Composites whose members are composites of another proxy, or of the same one, asked over HTTP."""

import httpx
import openai
import pytest

import composite_llm
from composite_llm import conventions as c
from tests.proxy.conftest import KEY
from tests.proxy.test_proxy import QUESTION, calls, cost


def requests(spans):
    return [span for span in spans if span["name"].startswith("invoke_workflow")]


@pytest.mark.parametrize("stream", [False, True])
def test_its_calls_are_in_the_same_trace_and_count_once(client, proxy, caller, stream):
    """The aggregator, and the three calls of the panel that is its only member."""
    raw = client.chat.completions.with_raw_response.create(
        model="around",
        messages=QUESTION,
        extra_headers=caller.headers,
        **({"stream": True, "stream_options": {"include_usage": True}} if stream else {}),
    )
    usage = next(chunk.usage for chunk in raw.parse() if chunk.usage) if stream else raw.parse().usage

    spans = proxy.trace(caller.trace_id)
    asked = ["chat claude-sonnet-4-5", "chat gpt-4o", "chat gpt-4o", "chat gpt-4o-mini"]
    assert sorted(span["name"] for span in spans if span["is_llm_call"]) == asked
    [_, inner] = requests(spans)
    [around] = [span for span in spans if span["span_id"] == inner["parent_span_id"]]
    assert (around["name"], around["span_type"]) == ("chat panel", "stage")
    [found] = proxy.collector.ask("trace_summary", trace_id=caller.trace_id)
    assert (found["calls"], found["cost_usd"]) == (4, pytest.approx(spent := cost(spans)))
    told = usage.model_extra["cost"] if stream else float(raw.headers["x-litellm-response-cost"])
    assert told == pytest.approx(spent, abs=1e-12)
    assert usage.prompt_tokens == sum(span["input_tokens"] or 0 for span in spans)
    assert usage.completion_tokens == sum(span["output_tokens"] or 0 for span in spans)


def test_a_composite_that_has_the_name_of_a_model_has_not_its_price(client, proxy):
    """At the other server `gpt-4o` is a composite with a member that nobody has a price for."""
    raw = client.chat.completions.with_raw_response.create(model="around-unknown", messages=QUESTION)

    assert "x-litellm-response-cost" not in raw.headers
    assert raw.parse().usage.model_extra["composite"]["cost_status"] == "unknown"


def test_one_that_asks_itself_comes_to_an_end(client, proxy, caller):
    with pytest.raises(openai.BadRequestError, match="a composite 3 deep .* max_composite_depth=2"):
        client.chat.completions.create(model="endless", messages=QUESTION, extra_headers=caller.headers)

    spans = proxy.trace(caller.trace_id)
    assert len(requests(spans)) == 4
    assert calls(spans) == ["chat endless"] * 3
    kept = httpx.get(f"{proxy.collector.url}/traces/{caller.trace_id}/otlp").text
    assert '"composite.depth"' in kept


@pytest.mark.parametrize("same_store", [False, True])
def test_where_its_calls_are_recorded_elsewhere_the_call_counts_here(proxy, spans, monkeypatch, same_store):
    """A program of its own asks the proxy's panel."""
    monkeypatch.setenv("COMPOSITE_LLM_COLLECTOR", proxy.collector.url if same_store else "http://127.0.0.1:9")
    response = composite_llm.completion(
        "composite/direct/openai/panel", QUESTION, api_base=f"{proxy.url}/v1", api_key=KEY
    )

    receipt = composite_llm.receipt(response)
    [asked] = [span.attributes for span in spans.get_finished_spans() if span.name == "chat panel"]
    assert receipt.cost_usd == asked[c.ROLLUP_COST_USD if same_store else c.COST_USD] > 0
    assert asked[c.SPAN_TYPE] == (c.STAGE if same_store else c.LLM_CALL)
    assert (c.INPUT_TOKENS in asked, c.COST_USD in asked) == (not same_store, not same_store)
