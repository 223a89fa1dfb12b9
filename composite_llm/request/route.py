"""Where a model string leads: a real provider, a program on this machine, or the offline simulator.

`sim/<id>` asks the simulator to stand in for the model LiteLLM calls `<id>`; with
`COMPOSITE_LLM_SIMULATE=1` every model is asked that way. A simulated call keeps the
`sim/` in its name wherever it is shown, so that it is never taken for a real one.
"""

import atexit
from dataclasses import dataclass, field
from functools import cache

import litellm

from composite_llm import settings
from composite_llm.agent_cli import finding
from composite_llm.errors import BadRequest
from composite_llm.request.deployed import Deployed
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
    program: tuple[str, ...] = ()
    """The command that is run for it; empty where a server is asked."""
    deployed: Deployed | None = field(default=None, repr=False)
    """The Router's deployment that is asked, where a model group was named."""

    @property
    def destination(self) -> str:
        """The model at the server it is asked at."""
        address = self.deployed.address if self.deployed else self.api_base
        return f"{self.litellm_model} {address or ''}"

    @property
    def priced_as(self) -> str:
        """The model by whose entry in LiteLLM's table a call is priced."""
        return (self.deployed and self.deployed.priced_as) or self.known_as

    @property
    def known_as(self) -> str:
        """The model by whose name LiteLLM knows its limits."""
        base = self.deployed and self.deployed.base_model
        return base.removeprefix(f"{self.provider}/") if base else self.model

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
        return Route(name, model, provider, name, api_base=None, program=finding.command_for(provider))
    if any(part in wanted for part in HIJACKED):
        raise BadRequest(
            f"{name}: LiteLLM sends any model with this name to its own provider; it cannot be simulated."
        )
    return Route(SIMULATED_PREFIX + wanted, model, provider, f"openai/{wanted}", _simulator_url())


def provider_of(name: str, provider: str | None = None) -> tuple[str, str]:
    """The bare model and its provider; raises BadRequest when LiteLLM knows none. `provider`: if it was given."""
    if name.startswith(finding.PREFIX) and provider is None:
        return finding.model_of(name), finding.PROVIDER
    try:
        model, provider, _, _ = litellm.get_llm_provider(name, provider)
    except litellm.BadRequestError:
        raise BadRequest(
            f"{name!r} names no provider LiteLLM knows. Write provider/model, such as openai/gpt-4o."
        ) from None
    return model, provider


def _provider_of(name: str, *, simulated: bool) -> tuple[str, str]:
    try:
        return provider_of(name)
    except BadRequest:
        if not simulated:
            raise
        return name, "simulator"


def _simulator_url() -> str:
    return settings.load().simulator or _own_simulator().url


@cache
def _own_simulator() -> Simulator:
    """One simulator for this process, started when first needed."""
    simulator = Simulator()
    simulator.start()
    atexit.register(simulator.stop)
    return simulator
