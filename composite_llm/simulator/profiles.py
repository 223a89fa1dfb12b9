"""How fast each family of models answers, how much it says and whether it reasons first.

The figures are typical of the hosted models; a model is found by the longest prefix of its own name
(the part after the last slash), so dated and sized variants need no entry of their own.
"""

from dataclasses import dataclass
from typing import Literal

from composite_llm.simulator.chance import seeded

Length = Literal["short", "medium", "long"]
EFFORT = {"none": 0.0, "minimal": 0.0, "low": 0.4, "medium": 1.0, "high": 2.5, "xhigh": 4.0}
REASONING_STEP = 64


@dataclass(frozen=True, slots=True)
class Profile:
    first_token_s: float
    """Median seconds to the first token."""
    tokens_per_s: float
    """Median rate after it, and of reasoning before it."""
    length: Length = "medium"
    reasoning_tokens: int = 0
    """Median tokens of hidden reasoning; 0 for a model that does not reason."""
    spread: float = 0.25
    """Standard deviation of the logarithm of the seconds to the first token; the rate varies half as much."""


DEFAULT = Profile(0.5, 80)

PROFILES: dict[str, Profile] = {
    "gpt-3.5": Profile(0.35, 110, "short"),
    "gpt-4": Profile(0.7, 35),
    "gpt-4-turbo": Profile(0.6, 45),
    "gpt-4.1": Profile(0.5, 80),
    "gpt-4.1-mini": Profile(0.4, 95),
    "gpt-4.1-nano": Profile(0.3, 150, "short"),
    "gpt-4o": Profile(0.45, 90, "long"),
    "gpt-4o-mini": Profile(0.35, 95, "short"),
    "gpt-5": Profile(0.6, 110, "long", reasoning_tokens=384),
    "gpt-5-mini": Profile(0.5, 130, reasoning_tokens=256),
    "gpt-5-nano": Profile(0.4, 170, "short", reasoning_tokens=192),
    "gpt-oss": Profile(0.3, 180, reasoning_tokens=192),
    "o1": Profile(0.8, 100, "long", reasoning_tokens=640),
    "o3": Profile(0.7, 120, "long", reasoning_tokens=512),
    "o4": Profile(0.6, 130, reasoning_tokens=320),
    "claude": Profile(0.8, 65, "long"),
    "claude-3-haiku": Profile(0.4, 110, "short"),
    "claude-3-5-haiku": Profile(0.5, 75, "short"),
    "claude-haiku": Profile(0.45, 120, "short"),
    "claude-3-opus": Profile(1.3, 28, "long"),
    "claude-opus": Profile(1.2, 50, "long"),
    "gemini": Profile(0.5, 140),
    "gemini-1.5-flash": Profile(0.3, 170, "short"),
    "gemini-2.0-flash": Profile(0.35, 170, "short"),
    "gemini-2.5-flash": Profile(0.4, 200, reasoning_tokens=192),
    "gemini-2.5-pro": Profile(0.9, 130, "long", reasoning_tokens=448),
    "gemini-3": Profile(0.9, 130, "long", reasoning_tokens=448),
    "llama": Profile(0.3, 110),
    "meta-llama": Profile(0.3, 110),
    "mixtral": Profile(0.35, 85),
    "mistral": Profile(0.35, 80, "short"),
    "qwen": Profile(0.45, 70, "long"),
    "qwq": Profile(0.6, 60, reasoning_tokens=768),
    "deepseek": Profile(0.9, 45),
    "deepseek-r1": Profile(0.9, 45, "long", reasoning_tokens=640),
    "deepseek-reasoner": Profile(0.9, 45, "long", reasoning_tokens=640),
    "dbrx": Profile(0.4, 75, "short"),
    "command": Profile(0.4, 70),
    "grok": Profile(0.5, 80, reasoning_tokens=256),
}


def own_name(model: str) -> str:
    """The model without the providers in front of it."""
    return model.rsplit("/", 1)[-1]


def profile_of(model: str) -> Profile:
    name = own_name(model).lower()
    prefixes = [prefix for prefix in PROFILES if name.startswith(prefix)]
    return PROFILES[max(prefixes, key=len)] if prefixes else DEFAULT


def reasoning_tokens(profile: Profile, effort: object, *key: object) -> int:
    """Hidden tokens one answer spends, in the steps of 64 in which OpenAI reports them."""
    median = profile.reasoning_tokens * (EFFORT.get(effort, 1.0) if isinstance(effort, str) else 1.0)
    if median == 0:
        return 0
    tokens = median * seeded("reasoning", *key).lognormvariate(0, 0.4)
    return max(1, round(tokens / REASONING_STEP)) * REASONING_STEP


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds from the arrival of the request."""

    first_s: float
    total_s: float

    def due(self, done: int, of: int) -> float:
        """When the given number of tokens is out."""
        return self.first_s + (self.total_s - self.first_s) * (done / of if of else 1.0)


def timing(profile: Profile, speed: float, hidden: int, visible: int, *key: object) -> Timing:
    """How long an answer takes; at speed 0 no time at all."""
    if speed == 0:
        return Timing(0.0, 0.0)
    chance = seeded("timing", *key)
    start = profile.first_token_s * chance.lognormvariate(0, profile.spread)
    rate = profile.tokens_per_s * chance.lognormvariate(0, profile.spread / 2)
    first = start + hidden / rate
    return Timing(first / speed, (first + visible / rate) / speed)


def timing_within(total_s: float) -> Timing:
    """An answer that takes exactly this long, thinking for the first third."""
    return Timing(total_s / 3, total_s)
