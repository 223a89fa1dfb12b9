"""Calling a profile over HTTP: by its names, beneath a deployment, beneath a call."""

import litellm
import pytest

import composite_llm
from composite_llm import conventions as c
from composite_llm.litellm_provider import register_composite_provider
from composite_llm.request.reading import read_request
from tests.recorded import ASKED

GPT, MINI, O3 = "sim/openai/gpt-4o", "sim/openai/gpt-4o-mini", "sim/openai/o3"

PROFILES = f"""\
profiles:
  trio:
    strategy: moa
    model: {GPT}
    proposers: {MINI} × 3
    temperature: 0.2
    max_tokens: 300
    budget: {{max_calls: 9, on_exceeded: stop}}
    prompts: {{propose: Be brief., aggregate: "Merge: {{{{answers}}}}"}}
"""


@pytest.fixture(autouse=True)
def profile(simulator, tmp_path, monkeypatch):
    (tmp_path / "trio.yaml").write_text(PROFILES)
    monkeypatch.setenv("COMPOSITE_LLM_PROFILES", str(tmp_path))


def request_span(spans):
    [span] = [span for span in spans.get_finished_spans() if span.attributes[c.SPAN_TYPE] == c.REQUEST]
    return span


@pytest.mark.parametrize("name", ["composite/trio", "composite/profile/trio"])
def test_a_profile_is_called_by_either_name_and_leaves_its_own_on_the_span(spans, name):
    register_composite_provider()

    response = litellm.completion(name, ASKED)

    span = request_span(spans)
    assert response.model == name
    assert len(composite_llm.receipt(response).calls) == 4
    assert span.attributes[c.PROFILE_NAME] == "trio"
    assert span.attributes[c.PROFILE_HASH] == composite_llm.profiles.find("trio").hash
    assert (span.attributes[c.STRATEGY], span.attributes[c.MODEL_NAME]) == ("moa", name)


async def test_the_call_goes_before_the_profile(simulator, spans):
    asked = len(simulator.requests)

    await litellm.acompletion("composite/trio", ASKED, proposers=[O3], temperature=0.9)

    proposer, aggregator = simulator.requests[asked:]
    assert proposer.model.endswith("o3")
    assert (aggregator.body["temperature"], aggregator.body["max_tokens"]) == (0.9, 300)


def test_of_prompts_and_budgets_each_entry_is_a_thing_of_its_own():
    request = read_request("trio", {"prompts": {"aggregate": "Mix."}, "max_calls": 20})

    assert request.options.prompts == {"propose": "Be brief.", "aggregate": "Mix."}
    assert (request.options.limits.max_calls, request.options.limits.on_exceeded) == (20, "stop")


def test_runs_of_one_configuration_have_one_hash_however_they_were_asked_for(spans):
    given = {"proposers": f"{MINI} × 3", "budget": {"max_calls": 9, "on_exceeded": "stop"}}
    prompts = {"propose": "Be brief.", "aggregate": "Merge: {{answers}}"}
    litellm.completion("composite/trio", ASKED)
    litellm.completion(f"composite/moa/{GPT}", ASKED, **given, prompts=prompts)

    hashes = {
        span.attributes[c.CONFIG_HASH]
        for span in spans.get_finished_spans()
        if span.attributes[c.SPAN_TYPE] == c.REQUEST
    }
    assert len(hashes) == 1


@pytest.fixture
def router(simulator):
    register_composite_provider()
    params = {
        "model": "composite/trio",
        "num_retries": 0,
        "proposers": [O3],
        "composite": {"max_calls": 7, "layers": 2},
        "temperature": 0.5,
    }
    router = litellm.Router(model_list=[{"model_name": "team", "litellm_params": params}], num_retries=0)
    yield router
    router.discard()


async def test_a_deployment_goes_before_the_profile_and_the_call_before_both(simulator, spans, router):
    """Whether it stands at the top level or in `composite` makes no difference, in either of the two."""
    asked = len(simulator.requests)
    await router.acompletion("team", ASKED)
    proposer, aggregator = simulator.requests[asked:]
    assert proposer.model.endswith("o3")
    assert (aggregator.body["temperature"], aggregator.body["max_tokens"]) == (0.5, 300)

    asked = len(simulator.requests)
    await router.acompletion("team", ASKED, composite={"proposers": [MINI, MINI]})
    assert [call.model.rpartition("/")[2] for call in simulator.requests[asked:]] == [
        "gpt-4o-mini",
        "gpt-4o-mini",
        "gpt-4o",
    ]

    asked = len(simulator.requests)
    router.completion("team", ASKED, layers=3, temperature=0.7)
    calls = simulator.requests[asked:]
    assert len(calls) == 3  # o3 twice, and the aggregator
    assert calls[-1].body["temperature"] == 0.7


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        ("composite/tri", "There is no strategy or profile named 'tri'. Did you mean 'trio'?"),
        ("composite/profile/tri", "There is no profile named 'tri'. Did you mean 'trio'?"),
        ("composite/trio/openai/gpt-4o", "'trio' is a profile: write composite/trio alone"),
    ],
)
def test_a_name_that_leads_nowhere_is_answered_with_the_nearest(simulator, spans, model, sentence):
    asked = len(simulator.requests)
    with pytest.raises(litellm.BadRequestError) as error:
        litellm.completion(model, ASKED)

    assert sentence in str(error.value)
    assert len(simulator.requests) == asked


def test_a_broken_profile_is_answered_with_what_is_wrong_and_where(simulator, spans, tmp_path):
    (tmp_path / "trio.yaml").write_text(PROFILES.replace("temperature", "temprature"))

    with pytest.raises(litellm.BadRequestError) as error:
        litellm.completion("composite/trio", ASKED)

    assert f"{tmp_path / 'trio.yaml'}:6: profiles.trio.temprature: there is no parameter" in str(error.value)


def test_dotenv_names_the_folder(simulator, spans, tmp_path, monkeypatch):
    """As a program finds it: `register` reads `.env` in the working folder."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "p.yaml").write_text(PROFILES.replace("trio", "other"))
    (tmp_path / ".env").write_text(f"COMPOSITE_LLM_PROFILES={folder}\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COMPOSITE_LLM_PROFILES")
    with monkeypatch.context() as reset:
        reset.setenv("COMPOSITE_LLM_PROFILES", "")  # so that what .env sets is taken back afterwards
        reset.delenv("COMPOSITE_LLM_PROFILES")
        composite_llm.register()

        assert litellm.completion("composite/other", ASKED).model == "composite/other"
