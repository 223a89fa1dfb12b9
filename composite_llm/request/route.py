"""Where a model string leads: a real provider, or the offline simulator.

`sim/<id>` asks the simulator to stand in for the model LiteLLM calls `<id>`; with
`COMPOSITE_LLM_SIMULATE=1` every model is asked that way. A simulated call keeps the
`sim/` in its name wherever it is shown, so that it is never taken for a real one.
"""

import atexit
from dataclasses import dataclass
from functools import cache

import litellm

from composite_llm import settings
from composite_llm.errors import BadRequest
from composite_llm.simulator import Simulator

SIMULATED_PREFIX = "sim/"
COMPOSITE_PREFIX = "composite/"
DEPTH_HEADER = "x-composite-depth"

# LiteLLM picks these providers by a substring of the model name before it looks at the
# prefix, so a simulated call by such a name would leave the machine.
HIJACKED = ("replicate", "clarifai", "ft:gpt-3.5-turbo", "ft:babbage-002", "ft:davinci-002")


@dataclass(frozen=True, slots=True)
class Route:
    """How to reach one model."""

    name: str
    """As spans and receipts show it: `openai/gpt-4o`, `sim/openai/gpt-4o`."""
    model: str
    """The bare name its provider knows: `gpt-4o`."""
    provider: str
    """LiteLLM's name of the provider that bills it, also for a simulated call."""
    litellm_model: str
    """What to hand to LiteLLM."""
    api_base: str | None
    """The simulator's address for a simulated call, else None."""

    @property
    def destination(self) -> str:
        """The model at the server it is asked at."""
        return f"{self.litellm_model} {self.api_base or ''}"

    @property
    def simulated(self) -> bool:
        return self.api_base is not None


def named(name: str) -> Route:
    """Like `route`, and no simulator is started: good for prices, and for finding out that a name is unknown."""
    wanted = name.removeprefix(SIMULATED_PREFIX)
    model, provider = _provider_of(wanted, simulated=wanted != name or settings.load().simulate)
    return Route(name, model, provider, litellm_model=name, api_base=None)


def route(name: str) -> Route:
    """The way to the model called `name`; raises BadRequest when LiteLLM knows no provider for it."""
    wanted = name.removeprefix(SIMULATED_PREFIX)
    simulated = wanted != name or settings.load().simulate
    if wanted.startswith(COMPOSITE_PREFIX):
        raise BadRequest(f"{name} is a composite, where only a plain model can stand.")
    model, provider = _provider_of(wanted, simulated=simulated)
    if not simulated:
        return Route(name, model, provider, litellm_model=name, api_base=None)
    if any(part in wanted for part in HIJACKED):
        raise BadRequest(
            f"{name}: LiteLLM sends any model with this name to its own provider; it cannot be simulated."
        )
    return Route(SIMULATED_PREFIX + wanted, model, provider, f"openai/{wanted}", _simulator_url())


def _provider_of(name: str, *, simulated: bool) -> tuple[str, str]:
    try:
        model, provider, _, _ = litellm.get_llm_provider(name)
    except litellm.BadRequestError:
        if simulated:
            return name, "simulator"
        raise BadRequest(
            f"{name!r} names no provider LiteLLM knows. Write provider/model, such as openai/gpt-4o."
        ) from None
    return model, provider


def _simulator_url() -> str:
    return settings.load().simulator or _own_simulator().url


@cache
def _own_simulator() -> Simulator:
    """One simulator for this process, started when first needed."""
    simulator = Simulator()
    simulator.start()
    atexit.register(simulator.stop)
    return simulator
