"""What LiteLLM books for a composite: the sum of its calls, or that it is not known. Never a silent $0."""

import litellm
import pytest
from litellm.integrations.custom_logger import CustomLogger

import composite_llm
from tests.composite_llm.calls.observed import MINI, NANO, QUESTION, until

UNPRICED = "sim/acme/frontier-1"


@pytest.fixture
def router(models, monkeypatch):
    """LiteLLM enters a Router's models into its price table, with no price."""
    models()
    monkeypatch.setattr(litellm, "model_cost", dict(litellm.model_cost))
    deployment = {"model": f"composite/moa/{NANO}", "proposers": [MINI, UNPRICED]}
    return litellm.Router(model_list=[{"model_name": "team", "litellm_params": deployment}])


class Booked(CustomLogger):
    def __init__(self):
        self.costs = []

    async def async_log_success_event(self, kwargs, response_obj, start_time, end_time):
        self.costs.append(kwargs["response_cost"])


async def test_behind_a_router_a_known_cost_is_booked_and_an_unknown_one_is_not_booked_as_nothing(
    router, monkeypatch
):
    """In one test, since LiteLLM keeps the first listener of a kind for the whole process."""
    monkeypatch.setattr(litellm, "callbacks", [booked := Booked()])
    unknown = await router.acompletion("team", QUESTION)
    await until(lambda: len(booked.costs) == 1)
    known = await router.acompletion("team", QUESTION, proposers=[MINI])
    await until(lambda: len(booked.costs) == 2)
    async for _ in await router.acompletion("team", QUESTION, stream=True):
        pass
    await until(lambda: len(booked.costs) == 3)
    async for _ in await router.acompletion("team", QUESTION, stream=True, proposers=[MINI]):
        pass
    await until(lambda: len(booked.costs) == 4)

    cost = composite_llm.receipt(known).cost_usd
    assert cost > 0
    assert (unknown._hidden_params["response_cost"], known._hidden_params["response_cost"]) == (None, cost)
    assert composite_llm.receipt(unknown).known_cost_usd > 0
    assert booked.costs[:3] == [None, cost, None]
    assert booked.costs[3] > 0


def test_an_unknown_cost_stays_unknown_for_who_calls_the_routers_model_himself(router):
    response = litellm.completion(f"composite/moa/{NANO}", QUESTION, proposers=[MINI, UNPRICED])

    assert response._hidden_params["response_cost"] is None
