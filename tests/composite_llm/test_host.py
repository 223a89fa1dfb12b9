"""LiteLLM does not get in a composite's way: by name, by retries, by its deadline, by its cache."""

import subprocess
import sys
from contextlib import closing

import litellm
import pytest
from litellm.caching.caching import Cache
from litellm.caching.in_memory_cache import InMemoryCache

import composite_llm
from composite_llm import conventions as c
from composite_llm.engine.loop_thread import run_sync
from composite_llm.proxy.callbacks import ProxyCallbacks

QUESTION = [{"role": "user", "content": "Why is the sky blue?"}]
GPT, MINI, SONNET = "sim/openai/gpt-4o", "sim/openai/gpt-4o-mini", "sim/anthropic/claude-sonnet-4-5"


def told(**directive):
    return {"extra_body": {"simulator": directive}}


def requests(spans):
    return [span for span in spans.get_finished_spans() if span.attributes[c.SPAN_TYPE] == c.REQUEST]


@pytest.fixture
def deployments():
    """A Router as people write it: LiteLLM's defaults, which try everything three times."""
    composite_llm.register()
    models = {"direct": {"model": "composite/direct/" + GPT}, "spare": {"model": "composite/direct/" + MINI}}
    return [{"model_name": name, "litellm_params": params} for name, params in models.items()]


@pytest.mark.parametrize("word", ["replicate", "clarifai", "ft:gpt-3.5-turbo"])
def test_a_name_that_litellm_would_send_elsewhere_comes_here(simulator, spans, word):
    """Such as to api.replicate.com, for any model with that word in its name."""
    model = f"composite/direct/openai/{word}-x"
    response = litellm.completion(model, QUESTION, api_base=simulator.url, api_key="none-needed")

    assert response.model == model
    assert simulator.requests[-1].model == f"{word}-x"
    [request] = requests(spans)
    assert request.attributes[c.MODEL_NAME] == model


def test_so_it_does_by_every_door(simulator, spans):
    there = {"api_base": simulator.url, "api_key": "none-needed"}
    router = litellm.Router(
        [{"model_name": "composite/*", "litellm_params": {"model": "composite/*", **there}}]
    )
    model = "composite/direct/openai/replicate-y"
    run_sync(lambda: litellm.acompletion(model, QUESTION, **there))
    run_sync(lambda: composite_llm.acompletion(model, QUESTION, **there))
    run_sync(lambda: router.acompletion(model, QUESTION))
    router.completion(model, QUESTION)

    assert [request.attributes[c.MODEL_NAME] for request in requests(spans)] == [model] * 4


def test_a_proxys_configuration_may_have_names_of_its_own(simulator, monkeypatch):
    """LiteLLM's own command reads them after our handler, and so in place of what guards the names."""
    monkeypatch.setattr(litellm, "model_alias_map", {"short": f"composite/direct/{GPT}"})
    run_sync(lambda: ProxyCallbacks().async_pre_call_hook(None, None, {"model": "short"}, "completion"))
    there = {"api_base": simulator.url, "api_key": "none-needed"}
    litellm.completion("composite/direct/openai/replicate-z", QUESTION, **there)
    asked = simulator.requests[-1].model

    assert (asked, litellm.completion("short", QUESTION).model) == ("replicate-z", f"composite/direct/{GPT}")


def test_an_error_names_it_as_the_client_did(simulator):
    with pytest.raises(litellm.BadRequestError, match="named 'replicate'"):
        litellm.completion("composite/replicate/x", QUESTION)


def test_other_names_for_models_go_on_working(simulator, monkeypatch):
    monkeypatch.setattr(litellm, "model_alias_map", {"mine": "composite/direct/" + GPT})
    composite_llm.register()

    assert litellm.completion("mine", QUESTION).model == "composite/direct/" + GPT


@pytest.mark.parametrize("fault", ["500", "429"])  # the latter asks for a longer pause than the engine makes
def test_a_router_runs_a_composite_that_failed_no_second_time(simulator, spans, deployments, fault):
    router = litellm.Router(deployments[:1])

    with pytest.raises((litellm.InternalServerError, litellm.RateLimitError)):
        run_sync(lambda: router.acompletion("direct", QUESTION, **told(fault=fault, retry_after_s=60)))

    assert len(requests(spans)) == 1


def test_nor_does_a_synchronous_one(simulator, spans, deployments):
    with pytest.raises(litellm.Timeout):
        litellm.Router(deployments[:1]).completion("direct", QUESTION, **told(delay_s=30), timeout=0.2)

    assert len(requests(spans)) == 1


def test_nor_after_a_bug_in_a_strategy(simulator, spans, deployments, monkeypatch):
    async def broken(run, parameters):
        raise ZeroDivisionError("division by zero")

    from dataclasses import replace

    from composite_llm.strategies import STRATEGIES

    monkeypatch.setitem(STRATEGIES, "direct", replace(STRATEGIES["direct"], run=broken))
    with pytest.raises(litellm.InternalServerError, match="ZeroDivisionError: division by zero"):
        litellm.Router(deployments[:1]).completion("direct", QUESTION)

    assert len(requests(spans)) == 1


def test_a_routers_fallbacks_go_on_working(simulator, spans, deployments):
    deployments[0]["litellm_params"] |= told(fault="401")
    router = litellm.Router(deployments, fallbacks=[{"direct": ["spare"]}])

    response = router.completion("direct", QUESTION)

    assert response.model == "composite/direct/" + MINI
    assert len(requests(spans)) == 2


def test_the_deployments_timeout_is_the_deadline(simulator, deployments):
    """LiteLLM hands it over and does not enforce it."""
    deployments[0]["litellm_params"]["timeout"] = 0.2
    with pytest.raises(litellm.Timeout, match="did not finish within its timeout of 0.2 s"):
        litellm.Router(deployments[:1]).completion("direct", QUESTION, **told(delay_s=30))


def test_litellms_cache_tells_composites_with_other_members_apart(simulator, monkeypatch):
    with closing_cache() as cache:
        monkeypatch.setattr(litellm, "cache", cache)
        answers = [
            litellm.completion("composite/moa/" + GPT, QUESTION, caching=True, **more)
            .choices[0]
            .message.content
            for more in ({"proposers": [MINI]}, {"proposers": [SONNET]}, {"proposers": [MINI]})
        ]

    assert answers[0] == answers[2] != answers[1]
    assert len(simulator.requests) >= 4


def closing_cache():
    return closing(_Cache())


class _Cache(Cache):
    def close(self):
        self.cache = InMemoryCache()


def test_a_router_made_before_registering_fails_at_once_and_says_so():
    """In a process of its own, since this one has registered long ago."""
    program = (
        "import litellm\n"
        "models = [{'model_name': 'x', 'litellm_params': {'model': 'composite/direct/openai/gpt-4o'}}]\n"
        "try: litellm.Router(models)\n"
        "except litellm.BadRequestError as error: print('refused', 'composite/direct/openai/gpt-4o' in str(error))\n"
        "import composite_llm; composite_llm.register()\n"
        "print(len(litellm.Router(models).model_list))\n"
    )
    printed = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={"LITELLM_LOCAL_MODEL_COST_MAP": "True"},
    ).stdout

    assert "refused True\n" in printed
    assert printed.endswith("1\n")
