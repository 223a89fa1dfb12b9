"""That what a strategy is told arrives, whatever door it is told through: LiteLLM takes some names for itself."""

import inspect
from pathlib import Path

import litellm
import pytest
from litellm.constants import DEFAULT_CHAT_COMPLETION_PARAM_VALUES
from litellm.types.utils import all_litellm_params

from composite_llm.request.options import ONLY_NESTED, Options
from composite_llm.strategies import STRATEGIES

NAMES = sorted(
    {name for each in STRATEGIES.values() for name in each.parameters.model_fields}
    | (Options.model_fields.keys() - set(ONLY_NESTED))
)
README = Path(__file__).parents[3] / "README.md"
MODEL, ASKED = "hearing/model", [{"role": "user", "content": "Hello?"}]
PARAMETERS_OF = (
    litellm.completion,
    litellm.acompletion,
    litellm.Router.completion,
    litellm.Router.acompletion,
)


class Hearing(litellm.CustomLLM):
    """A provider like ours, which keeps what LiteLLM hands it."""

    def __init__(self):
        super().__init__()
        self.heard = {}

    def completion(self, *_, **request):
        self.heard = request["optional_params"]
        return litellm.ModelResponse(choices=[{"message": {"role": "assistant", "content": "Yes."}}])

    async def acompletion(self, *_, **request):
        return self.completion(**request)


@pytest.fixture
def hearing(monkeypatch):
    handler = Hearing()
    entry = {"provider": "hearing", "custom_handler": handler}
    monkeypatch.setattr(litellm, "custom_provider_map", [*litellm.custom_provider_map, entry])
    monkeypatch.setattr(litellm, "provider_list", [*litellm.provider_list])
    monkeypatch.setattr(litellm, "_custom_providers", [*litellm._custom_providers])
    litellm.utils.custom_llm_setup()
    return handler


@pytest.mark.parametrize("name", NAMES)
def test_no_name_means_something_else_to_litellm_or_to_a_provider(name):
    """`stop` of a strategy would be taken for the client's, and `roles` for those of a prompt template."""
    taken = {parameter for door in PARAMETERS_OF for parameter in inspect.signature(door).parameters}
    assert name not in taken | set(all_litellm_params) | DEFAULT_CHAT_COMPLETION_PARAM_VALUES.keys() | {
        "roles"
    }


@pytest.mark.parametrize("strategy", STRATEGIES.values(), ids=lambda strategy: strategy.name)
def test_every_parameter_is_in_the_strategys_row_of_the_readme(strategy):
    [row] = [
        line for line in README.read_text().splitlines() if line.startswith(f"| `composite/{strategy.name}/")
    ]
    assert [name for name in strategy.parameters.model_fields if f"`{name}`" not in row] == []


async def test_every_name_arrives_through_every_door(hearing):
    given = {name: f"the {name}" for name in NAMES}
    router = litellm.Router(model_list=[{"model_name": "group", "litellm_params": {"model": MODEL}}])
    deployed = litellm.Router(
        model_list=[{"model_name": "group", "litellm_params": {"model": MODEL, **given}}]
    )
    doors = (
        lambda: litellm.acompletion(MODEL, ASKED, **given),
        lambda: router.acompletion("group", ASKED, **given),
        lambda: deployed.acompletion("group", ASKED),
    )
    for door in doors:
        hearing.heard = {}
        await door()
        assert hearing.heard.items() >= given.items()
