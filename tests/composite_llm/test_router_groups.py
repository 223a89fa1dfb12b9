"""Models named by a model group of the Router a composite is called through."""

import litellm
import pytest

import composite_llm
from composite_llm import conventions as c
from tests.composite_llm.calls.observed import QUESTION, calls, outcomes

KEY = "sk-canary-of-a-deployment-7c2e9a4d1b6f8035"
GROUPS = {
    "fast": {"model": "openai/gpt-4o-mini"},
    "smart": {"model": "openai/gpt-4o"},
    "team/careful": {"model": "openai/gpt-4.1"},
    "panel": {"model": "composite/moa/smart", "proposers": ["fast", "team/careful"]},
    "any": {"model": "composite/direct/fast"},
}


@pytest.fixture
def routed(simulator):
    """Makes Routers whose groups are asked at the simulator as at any server, and forgets them in the end."""
    made = []

    def make(more=(), **settings):
        groups = [*(GROUPS | dict(more)).items()] if isinstance(more, dict) else [*GROUPS.items(), *more]
        models = [{"model_name": name, "litellm_params": _at(simulator, given)} for name, given in groups]
        made.append(litellm.Router(models, **settings))
        return made[-1]

    yield make
    for router in made:
        router.discard()


def _at(simulator, given):
    composite = given["model"].startswith("composite/")
    return given if composite else {"api_base": simulator.url, "api_key": KEY, **given}


def models(spans, role):
    return [span.attributes[c.LITELLM_MODEL] for span in calls(spans, role)]


def by_hand(receipt):
    """US dollars, of each call's tokens by the price of its deployment's model."""
    table = litellm.model_cost
    return sum(
        call.usage.input * table[call.model.removeprefix("openai/")]["input_cost_per_token"]
        + call.usage.output * table[call.model.removeprefix("openai/")]["output_cost_per_token"]
        for call in receipt.calls
    )


def check_panel(spans, response):
    assert models(spans, "proposer") == ["openai/gpt-4o-mini", "openai/gpt-4.1"]
    assert models(spans, "aggregator") == ["openai/gpt-4o"]
    receipt = composite_llm.receipt(response)
    assert receipt.cost_status == "known"
    assert receipt.cost_usd == pytest.approx(by_hand(receipt))
    assert receipt.cost_usd > 0


async def test_members_and_the_base_model_may_be_groups(routed, spans, simulator):
    response = await routed().acompletion("panel", QUESTION)

    check_panel(spans, response)
    [first, *_] = calls(spans, "proposer")
    assert (first.attributes[c.PROVIDER], first.attributes[c.REQUEST_MODEL]) == ("openai", "gpt-4o-mini")
    assert c.SIMULATED not in first.attributes


def test_so_they_may_be_in_a_synchronous_call(routed, spans):
    check_panel(spans, routed().completion("panel", QUESTION))


def test_and_in_a_stream(routed, spans):
    chunks = list(routed().completion("panel", QUESTION, stream=True))

    assert len([chunk for chunk in chunks if chunk.choices and chunk.choices[0].delta.content]) > 1
    check_panel(spans, chunks[-1])


async def test_and_in_an_asynchronous_one(routed, spans):
    chunks = [chunk async for chunk in await routed().acompletion("panel", QUESTION, stream=True)]

    check_panel(spans, chunks[-1])


def test_a_wildcard_names_them_too(routed, spans):
    routed([("composite/*", {"model": "composite/*"})]).completion("composite/direct/fast", QUESTION)

    assert models(spans, "direct") == ["openai/gpt-4o-mini"]


def test_without_a_router_there_are_no_groups(simulator):
    with pytest.raises(litellm.BadRequestError, match="'fast' names no provider"):
        litellm.completion("composite/direct/fast", QUESTION)


def test_an_unknown_name_stops_the_request_before_the_first_call(routed, simulator):
    before = len(simulator.requests)
    with pytest.raises(litellm.BadRequestError, match="'slow' names no provider"):
        routed().completion("panel", QUESTION, proposers=["fast", "slow"])

    assert len(simulator.requests) == before


def test_a_group_comes_after_a_written_provider_and_before_what_litellm_guesses(routed, spans):
    """`gpt-4o` alone is the group; with its provider before it, or with `sim/`, it is what it says."""
    taken = {
        "gpt-4o": {"model": "openai/gpt-4.1-nano"},
        "sim/openai/gpt-4o": {"model": "openai/gpt-4.1-nano"},
    }
    router = routed(taken | {"openai/gpt-4o": {"model": "openai/gpt-4.1-nano"}})
    proposers = ["gpt-4o", "sim/openai/gpt-4o"]
    router.completion("panel", QUESTION, proposers=proposers)

    assert models(spans, "proposer") == ["openai/gpt-4.1-nano", "sim/openai/gpt-4o"]


def test_a_written_provider_is_asked_itself_and_not_with_a_deployments_key(routed, simulator, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-environment")
    monkeypatch.setenv("OPENAI_BASE_URL", simulator.url)
    monkeypatch.setenv("OPENAI_API_BASE", simulator.url)
    elsewhere = {"openai/gpt-4o": {"model": "openai/gpt-4.1-nano"}}
    routed(elsewhere | {"any": {"model": "composite/direct/openai/gpt-4o"}}).completion("any", QUESTION)

    assert simulator.requests[-1].model == "gpt-4o"


def test_each_attempt_is_a_span_and_the_routers_own_retries_and_fallbacks_stay_out(routed, spans, simulator):
    router = routed(num_retries=3, fallbacks=[{"fast": ["smart"]}], disable_cooldowns=True)
    refused = {"extra_body": {"simulator": {"fault": "500"}}}
    before = len(simulator.requests)
    with pytest.raises(litellm.InternalServerError):
        router.completion("any", QUESTION, **refused, composite={"max_retries": 1})

    assert outcomes(spans, "direct") == ["error", "error"]
    assert models(spans, "direct") == ["openai/gpt-4o-mini"] * 2
    assert len(simulator.requests) - before == 2


def test_fallbacks_of_the_request_may_be_groups_and_cost_what_they_cost(routed, spans):
    broken = {"fast": {"model": "openai/gpt-4o-mini", "extra_body": {"simulator": {"fault": "401"}}}}
    response = routed(broken).completion("any", QUESTION, composite={"fallbacks": ["smart"]})

    assert models(spans, "direct") == ["openai/gpt-4o-mini", "openai/gpt-4o"]
    assert outcomes(spans, "direct") == ["error", "ok"]
    receipt = composite_llm.receipt(response)
    paid = receipt.calls[-1].usage
    assert receipt.cost_usd == pytest.approx(paid.input * 2.5e-6 + paid.output * 10e-6)


def test_a_deployment_that_fails_rests_and_the_next_attempt_goes_to_another(routed, spans):
    """Two deployments of one group: `order` sends every call to the broken one as long as it is healthy."""
    broken = {"model": "openai/gpt-4.1-nano", "order": 1, "extra_body": {"simulator": {"fault": "500"}}}
    pair = [("pair", broken), ("pair", {"model": "openai/gpt-4.1-mini", "order": 2})]
    router = routed(pair, allowed_fails=0, cooldown_time=60)
    router.completion("panel", QUESTION, proposers=["pair"])

    assert models(spans, "proposer") == ["openai/gpt-4.1-nano", "openai/gpt-4.1-mini"]
    assert outcomes(spans, "proposer") == ["error", "ok"]


def test_a_deployments_own_price_is_what_its_calls_cost_and_nobody_elses(routed):
    """A millionth of a dollar in and two millionths out, for a model that costs otherwise elsewhere."""
    own = {"input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6}
    router = routed({"fast": {"model": "openai/gpt-4o-mini", **own}})
    receipt = composite_llm.receipt(router.completion("any", QUESTION))
    [call] = receipt.calls

    assert receipt.cost_usd == pytest.approx(call.usage.input * 1e-6 + call.usage.output * 2e-6)
    assert litellm.model_cost["gpt-4o-mini"]["input_cost_per_token"] == 0.15e-6


def test_a_model_without_a_price_stays_unknown(routed):
    router = routed({"fast": {"model": "openai/acme-of-the-router"}})
    receipt = composite_llm.receipt(router.completion("any", QUESTION))

    assert receipt.cost_usd is None
    assert receipt.unpriced_models == ["openai/acme-of-the-router"]


def test_a_name_that_says_nothing_is_priced_as_its_base_model(routed):
    router = routed({"fast": {"model": "openai/deployment-7", "base_model": "gpt-4o-mini"}})
    receipt = composite_llm.receipt(router.completion("any", QUESTION))
    [call] = receipt.calls

    assert receipt.cost_usd == pytest.approx(call.usage.input * 0.15e-6 + call.usage.output * 0.6e-6)


def test_a_limit_in_dollars_is_reckoned_by_the_deployments_price(routed, simulator):
    """A dollar a token: not even the question fits."""
    dear = {"input_cost_per_token": 1.0, "output_cost_per_token": 1.0}
    router, before = routed({"fast": {"model": "openai/gpt-4o-mini", **dear}}), len(simulator.requests)
    with pytest.raises(litellm.BadRequestError, match="max_cost_usd=0.5"):
        router.completion("any", QUESTION, max_cost_usd=0.5)

    assert len(simulator.requests) == before


@pytest.mark.parametrize("fault", [None, "401"])
def test_a_deployments_key_is_told_to_nobody(routed, spans, simulator, fault):
    told = {"extra_body": {"simulator": {"fault": fault}}} if fault else {}
    router = routed({"fast": {"model": "openai/gpt-4o-mini", **told}})
    try:
        said = repr(composite_llm.receipt(router.completion("panel", QUESTION, proposers=["fast"])))
    except litellm.AuthenticationError as error:
        said = str(error)

    assert KEY not in said
    assert all(KEY not in span.to_json() for span in spans.get_finished_spans())


def test_a_client_cannot_send_a_deployments_key_to_an_address_of_its_own(routed, simulator):
    from composite_llm.request.groups import Groups

    [way] = Groups(routed()).ways("fast")
    sent = way.deployed.parameters({"api_base": "http://elsewhere.example", "temperature": 0.5})

    assert (sent["api_base"], sent["api_key"], sent["temperature"]) == (simulator.url, KEY, 0.5)
    assert KEY not in repr(way)


def test_a_group_may_be_a_composite_whose_calls_are_part_of_the_sum(routed, spans):
    """The panel's three calls, its neighbour's one, and the last."""
    router = routed([("outer", {"model": "composite/moa/smart", "proposers": ["panel", "fast"]})])
    receipt = composite_llm.receipt(router.completion("outer", QUESTION))

    names = ["openai/gpt-4.1", "openai/gpt-4o", "openai/gpt-4o", "openai/gpt-4o-mini", "openai/gpt-4o-mini"]
    assert sorted(call.model for call in receipt.calls) == names
    assert receipt.cost_usd == pytest.approx(by_hand(receipt))


def test_a_group_that_is_a_member_of_itself_goes_too_deep(routed, simulator):
    before = len(simulator.requests)
    router = routed({"panel": {"model": "composite/moa/smart", "proposers": ["panel"]}})
    with pytest.raises(litellm.BadRequestError, match="max_composite_depth=1"):
        router.completion("panel", QUESTION)

    assert len(simulator.requests) == before


def test_a_composite_among_other_deployments_of_a_group_is_refused_as_a_member(routed):
    router = routed([("panel", {"model": "openai/gpt-4o"})])
    with pytest.raises(litellm.BadRequestError, match="several deployments, one of them a composite"):
        router.completion("any", QUESTION, composite={"fallbacks": ["panel"]})


def test_a_composite_is_no_fallback(routed):
    with pytest.raises(litellm.BadRequestError, match="'panel' is a composite"):
        routed().completion("any", QUESTION, composite={"fallbacks": ["panel"]})


def test_where_every_deployment_rests_none_is_asked(routed, spans):
    """Each of the first two requests meets one that refuses its key, and that rests from then on."""
    broken = {"extra_body": {"simulator": {"fault": "401"}}}
    pair = [("pair", {"model": f"openai/gpt-4.1-{size}", **broken}) for size in ("mini", "nano")]
    router = routed([*pair, ("one", {"model": "composite/direct/pair"})], cooldown_time=60)
    for _ in range(3):
        response = router.completion("one", QUESTION, composite={"fallbacks": ["smart"]})

    asked = models(spans, "direct")
    assert sorted(asked) == ["openai/gpt-4.1-mini", "openai/gpt-4.1-nano", *["openai/gpt-4o"] * 3]
    assert [call.model for call in composite_llm.receipt(response).calls] == ["openai/gpt-4o"]


def test_what_is_kept_of_one_routers_group_is_not_anothers(routed, simulator):
    """Of the same name, with another deployment behind it."""
    before = len(simulator.requests)
    for model in ("gpt-4o-mini", "gpt-4o-mini", "gpt-4.1-nano"):
        router = routed({"fast": {"model": f"openai/{model}"}})
        router.completion("panel", QUESTION, proposers=["fast"], composite={"cache": "panel"})

    asked = [record.model for record in simulator.requests[before:]]
    assert asked == ["gpt-4o-mini", "gpt-4o", "gpt-4o", "gpt-4.1-nano", "gpt-4o"]


def test_a_profile_over_groups_is_a_deployment_of_it(routed, spans, tmp_path, monkeypatch):
    file = tmp_path / "mine.yaml"
    file.write_text(
        "profiles:\n  mine: {strategy: moa, model: openai/o3, proposers: [openai/o3, openai/o3]}\n"
    )
    monkeypatch.setenv("COMPOSITE_LLM_PROFILES", str(file))
    own = {"model": "composite/mine", "proposers": ["fast", "team/careful"], "aggregator": "smart"}
    check_panel(spans, routed({"panel": own}).completion("panel", QUESTION))


def test_a_baseline_may_be_a_group(routed, spans):
    from composite_llm.engine import baseline

    wanted = {"model": "smart", "sample_rate": 1}
    routed().completion("any", QUESTION, composite={"baseline": wanted})
    assert baseline.settle(30)

    assert sorted(models(spans, "direct")) == ["openai/gpt-4o", "openai/gpt-4o-mini"]
