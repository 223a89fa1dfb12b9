"""MoA and council over answers real models gave, and the bill worked out beside the product.

The simulator replays recorded answers; what each call used is taken from its own journal and
multiplied with the numbers in LiteLLM's price file, in plain Python.
"""

import gzip
import json
import time
from math import ceil, fsum
from pathlib import Path

import litellm
import pytest

from composite_llm.simulator import Simulator

RECORDED = Path(__file__).parents[3] / "shared" / "data" / "alpaca_eval" / "outputs.jsonl.gz"
INSTRUCTIONS = 50

FIREWORKS = "fireworks_ai/accounts/fireworks/models"
MODELS = {
    "openai/gpt-4o-mini-2024-07-18": "gpt-4o-mini-2024-07-18",
    f"{FIREWORKS}/qwen1p5-72b-chat": "Qwen1.5-72B-Chat",
    f"{FIREWORKS}/mixtral-8x22b-instruct-hf": "Mixtral-8x22B-Instruct-v0.1",
    "hyperbolic/meta-llama/Meta-Llama-3-70B-Instruct": "Meta-Llama-3-70B-Instruct",
}
PROGRAM = Path(__file__).parent / "programs" / "ask_many.py"
BASE = "openai/gpt-4o-2024-08-06"
"""Aggregates and chairs; answers what Together's own MoA answered."""

pytestmark = pytest.mark.skipif(not RECORDED.exists(), reason="the recorded answers are not here")


@pytest.fixture(scope="module")
def recorded():
    with gzip.open(RECORDED, "rt") as lines:
        entries = [json.loads(line) for line, _ in zip(lines, range(INSTRUCTIONS), strict=False)]
    return {entry["instruction"]: entry["outputs"] for entry in entries}


@pytest.fixture(scope="module")
def replayed(recorded, forks, recording):
    """Both strategies run on every instruction and stored; what the model server noted of each call."""
    request = {
        "questions": list(recorded),
        "models": [f"sim/{model}" for model in MODELS],
        "base": f"sim/{BASE}",
    }
    with Simulator(speed=0, replay=RECORDED, aliases={**MODELS, BASE: "Together-MoA"}) as server:
        recording.run(
            *forks.python, str(PROGRAM), stdin=json.dumps(request), COMPOSITE_LLM_SIMULATOR=server.url
        )
        calls = server.requests
    # On top of the calls: the request and 2 stages of MoA, the request and 3 stages of the council.
    recording.wait_for(spans=len(calls) + INSTRUCTIONS * (3 + 4))
    return calls


def price_of(record):
    """Tokens times LiteLLM's prices. No prompt here is long enough to be cached."""
    prices = litellm.model_cost[priced_as(record.model)]
    assert record.usage.cached_tokens == 0
    return (
        record.usage.prompt_tokens * prices["input_cost_per_token"]
        + record.usage.completion_tokens * prices["output_cost_per_token"]
    )


def priced_as(model):
    """LiteLLM lists OpenAI's models without their provider."""
    return model.removeprefix("openai/")


def test_stored_totals_are_the_bill_worked_out_by_hand(recording, replayed):
    # MoA: 4 proposers and an aggregator; council: 4 members, 4 reviewers and a chairman.
    assert len(replayed) == INSTRUCTIONS * (5 + 9)

    [totals] = recording.ask("totals")
    assert totals["runs"] == 2 * INSTRUCTIONS
    assert totals["calls"] == len(replayed)
    assert totals["unpriced_calls"] == 0
    assert totals["input_tokens"] == sum(record.usage.prompt_tokens for record in replayed)
    assert totals["output_tokens"] == sum(record.usage.completion_tokens for record in replayed)
    assert totals["spend_usd"] == pytest.approx(fsum(map(price_of, replayed)), abs=1e-9, rel=0)


@pytest.mark.parametrize("model", [*MODELS, BASE])
def test_each_models_spend_is_the_bill_worked_out_by_hand(recording, replayed, model):
    hour_ago, soon = time.time_ns() - 3600 * 10**9, time.time_ns() + 10**9
    rows = recording.ask("spend_by_model", since_ns=hour_ago, until_ns=soon, bucket_seconds=60, zone="UTC")

    stored = fsum(row["spend_usd"] for row in rows if row["model"] == f"sim/{model}")
    by_hand = fsum(price_of(record) for record in replayed if record.model == model)
    assert stored == pytest.approx(by_hand, abs=1e-9, rel=0)


def test_proposers_answer_what_their_models_answered_at_four_characters_a_token(recorded, replayed):
    proposals = [
        record for record in replayed if record.messages[-1].content in recorded and record.model != BASE
    ]
    assert len(proposals) == INSTRUCTIONS * (4 + 4)
    for record in proposals:
        answer = recorded[record.messages[-1].content][MODELS[record.model]]
        assert record.answer == answer
        assert record.usage.completion_tokens == ceil(len(answer) / 4)


def test_each_run_is_listed_with_its_question(recording, recorded, replayed):
    filters = {"text": "", "model": "", "errors_only": False, "min_cost_usd": 0.0, "min_latency_ms": 0.0}
    rows = recording.ask("traces", **filters, page_size=500, page_offset=0)

    assert sorted(row["question"] for row in rows) == sorted(2 * [question[:300] for question in recorded])
    assert all(row["simulated"] for row in rows)
