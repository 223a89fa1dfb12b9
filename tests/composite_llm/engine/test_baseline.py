"""The plain call beside a share of requests: linked both ways, paid apart, never in the client's way."""

import litellm
import pytest

import composite_llm
from composite_llm import conventions as c
from composite_llm.engine import baseline
from composite_llm.simulator import Simulator
from tests.recorded import ASKED, QUESTION, recorded, used

GPT, MINI, SONNET = "sim/openai/gpt-4o", "sim/openai/gpt-4o-mini", "sim/anthropic/claude-sonnet-4-5"
ALWAYS = {"baseline": {"model": SONNET, "sample_rate": 1}}


@pytest.fixture(autouse=True)
def priced(tmp_path, monkeypatch):
    """$0.0006 for the proposer, $0.0145 for the aggregator, $0.009 for the plain call beside them."""
    composite_llm.register()
    answers = {
        QUESTION: {
            "gpt-4o-mini": used("Air.", 2000, 500),
            "claude-sonnet-4-5": used("Light.", 1500, 300),
            "gpt-4o": used("Scattering.", 3000, 700),
        }
    }
    with recorded(tmp_path, monkeypatch, answers) as server:
        yield server


def requests_in(spans):
    """The composite request, and the plain ones."""
    requests = [span for span in spans.get_finished_spans() if span.attributes[c.SPAN_TYPE] == c.REQUEST]
    plain = [span for span in requests if c.BASELINE_OF in span.attributes]
    [composite] = [span for span in requests if c.BASELINE_OF not in span.attributes]
    return composite, plain


def test_the_plain_call_is_a_trace_of_its_own_linked_both_ways(spans):
    response = litellm.completion(
        f"composite/moa/{GPT}",
        ASKED,
        proposers=[MINI],
        temperature=0.3,
        metadata={"session_id": "s1"},
        **ALWAYS,
    )
    assert baseline.settle(20)

    composite, [plain] = requests_in(spans)
    assert plain.context.trace_id != composite.context.trace_id
    assert plain.parent is None
    assert plain.attributes[c.MODEL_NAME] == f"composite/direct/{SONNET}"
    assert plain.attributes[c.BASELINE_OF] == f"{composite.context.trace_id:032x}"
    assert composite.attributes[c.BASELINE_TRACE] == f"{plain.context.trace_id:032x}"
    for one, other in ((plain, composite), (composite, plain)):
        assert one.attributes[c.BASELINE_MODEL] == SONNET
        assert one.attributes[c.BASELINE_RATE] == 1.0
        assert one.attributes[c.SESSION_ID] == "s1"
        [link] = one.links
        assert link.context.span_id == other.context.span_id
        assert link.attributes[c.LINK_TYPE] == c.BASELINE
    [call] = [
        span
        for span in spans.get_finished_spans()
        if span.context.trace_id == plain.context.trace_id and span.attributes[c.SPAN_TYPE] == c.LLM_CALL
    ]
    assert call.attributes[c.REQUEST_TEMPERATURE] == 0.3
    assert plain.attributes[c.ROLLUP_COST_USD] == pytest.approx(0.009)
    assert composite.attributes[c.ROLLUP_COST_USD] == pytest.approx(0.0151)
    receipt = composite_llm.receipt(response)
    assert receipt.cost_usd == pytest.approx(0.0151)
    assert receipt.baseline_trace_id == f"{plain.context.trace_id:032x}"


async def test_it_runs_on_when_the_clients_loop_is_busy_with_something_else(spans):
    await litellm.acompletion(f"composite/moa/{GPT}", ASKED, proposers=[MINI], **ALWAYS)
    assert baseline.settle(20)  # blocks this loop; it runs on another one

    _, [plain] = requests_in(spans)
    assert plain.attributes[c.STOP_REASON] == "complete"


def test_it_stands_beside_a_stream_too(spans):
    chunks = litellm.completion(f"composite/moa/{GPT}", ASKED, proposers=[MINI], stream=True, **ALWAYS)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == "Scattering."
    assert baseline.settle(20)

    _, [plain] = requests_in(spans)
    assert plain.attributes[c.STREAM] is False


def test_one_that_fails_fails_in_its_own_trace_alone(spans):
    nobody = "sim/openai/o3"  # has no recorded answer
    response = litellm.completion(
        f"composite/moa/{GPT}", ASKED, proposers=[MINI], baseline={"model": nobody, "sample_rate": 1}
    )
    assert baseline.settle(20)

    assert response.choices[0].message.content == "Scattering."
    composite, [plain] = requests_in(spans)
    assert composite.attributes[c.STOP_REASON] == "complete"
    assert plain.attributes[c.STOP_REASON] == "error"


def test_a_request_that_is_not_one_of_the_share_has_none(spans, priced):
    response = litellm.completion(
        f"composite/direct/{GPT}", ASKED, baseline={"model": SONNET, "sample_rate": 0}
    )

    assert composite_llm.receipt(response).baseline_trace_id is None
    assert len(priced.requests) == 1


def test_only_the_clients_own_request_has_one(spans, tmp_path, monkeypatch):
    """A profile that is a member brings its baseline along; the question has been asked once already."""
    (tmp_path / "p.yaml").write_text(
        f"profiles: {{inner: {{strategy: direct, model: {MINI}, baseline: {{model: {SONNET}, sample_rate: 1}}}}}}"
    )
    monkeypatch.setenv("COMPOSITE_LLM_PROFILES", str(tmp_path / "p.yaml"))

    litellm.completion(f"composite/moa/{GPT}", ASKED, proposers=["composite/inner"])
    assert baseline.settle(20)

    assert not any(c.BASELINE_OF in span.attributes for span in spans.get_finished_spans())


def test_the_share_is_chosen_by_id_and_is_about_as_large_as_asked_for():
    """Of 4000 ids a quarter, give or take four standard deviations (√(4000·0.25·0.75) = 27.4)."""
    chosen = [number for number in range(4000) if baseline.is_sampled(f"{number:032x}", 0.25)]

    assert abs(len(chosen) - 1000) < 110
    assert [number for number in range(4000) if baseline.is_sampled(f"{number:032x}", 0.25)] == chosen
    assert set(chosen) < {number for number in range(4000) if baseline.is_sampled(f"{number:032x}", 0.5)}
    assert not baseline.is_sampled("f" * 32, 0)
    assert baseline.is_sampled("f" * 32, 1)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"model": SONNET}, "baseline.sample_rate is required"),
        (
            {"model": SONNET, "sample_rate": 2},
            "baseline.sample_rate: input should be less than or equal to 1",
        ),
        ({"model": "acme-1", "sample_rate": 1}, "'acme-1' names no provider LiteLLM knows"),
        (
            {"model": "composite/plain", "sample_rate": 1},
            "is a composite, where only a plain model can stand",
        ),
    ],
)
def test_one_that_cannot_be_is_refused_before_any_call(given, sentence, priced, spans):
    with pytest.raises(litellm.BadRequestError, match=sentence):
        litellm.completion(f"composite/direct/{GPT}", ASKED, baseline=given)

    assert list(priced.requests) == []


def test_it_has_no_more_time_than_the_request_beside_it(spans, monkeypatch, clock):
    with Simulator(speed=0, delays={"anthropic/claude-sonnet-4-5": 6000.0}) as slow:
        monkeypatch.setenv("COMPOSITE_LLM_SIMULATOR", slow.url)
        response = litellm.completion(f"composite/direct/{GPT}", ASKED, hard_timeout_s=300, **ALWAYS)
        with clock.passing(300, once=lambda: slow.in_flight == 1):
            assert baseline.settle(60)

    assert response.choices[0].message.content
    composite, [plain] = requests_in(spans)
    assert (composite.attributes[c.STOP_REASON], plain.attributes[c.STOP_REASON]) == ("complete", "timeout")
    assert "timeout of 300 s" in plain.status.description
