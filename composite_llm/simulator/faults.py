"""Failures on demand: of one request by its `simulator` field, of a model by a probability.

{"simulator": {"fault": "429", "times": 1}}        the first such request fails, its retry succeeds
Simulator(faults={"gpt-4o": "429:0.2,drop:0.05"})   a fifth of the calls is refused, a twentieth cut off
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

from composite_llm.simulator.chance import seeded
from composite_llm.simulator.errors import OptionError, RequestRefused
from composite_llm.simulator.profiles import own_name
from composite_llm.simulator.windows import window_of

CONTEXT_WINDOW = 8192
"""Of a model that is told to refuse a prompt that would fit."""
REFUSALS = ("429", "500", "503", "401", "context_length", "user_turns")
"""Faults answered with an error status; the others break the answer or the connection. `unstreamed` answers
in one piece whoever asks for a stream, `unfinished` ends a stream in the middle as if that were all."""
FAULTS = (*REFUSALS, "timeout", "malformed", "truncated", "drop", "empty", "unstreamed", "unfinished")
FAULT_LIST = ", ".join(FAULTS)
ANY_MODEL = "*"


def refusal(fault: str, model: str, prompt_tokens: int, retry_after_s: float) -> RequestRefused:
    # Where LiteLLM tells errors apart by a provider's wording, the message opens with that wording.
    match fault:
        case "429":
            # Both headers, as OpenAI sends them: whole seconds for everyone, milliseconds for its own client.
            headers = {
                "retry-after": str(ceil(retry_after_s)),
                "retry-after-ms": str(ceil(retry_after_s * 1000)),
            }
            message = f"Rate limit reached for {model}. Please try again in {retry_after_s:g}s."
            return RequestRefused(429, message, type="requests", code="rate_limit_exceeded", headers=headers)
        case "500":
            return RequestRefused(500, "The simulated server failed while answering.", type="server_error")
        case "503":
            return RequestRefused(503, f"The simulated {model} is overloaded.", type="server_error")
        case "401":
            message = "Incorrect API key provided: the simulator was told to refuse it."
            return RequestRefused(401, message, code="invalid_api_key")
        case "user_turns":
            message = (
                "After the optional system message, conversation roles must alternate user/assistant/user/..."
            )
            return RequestRefused(400, message, param="messages")
        case _:
            window = window_of(model) or CONTEXT_WINDOW
            window = window if prompt_tokens > window else CONTEXT_WINDOW
            message = (
                f"This model's maximum context length is {window} tokens. However, your messages"
                f" resulted in {max(prompt_tokens, window + 1)} tokens."
            )
            return RequestRefused(400, message, code="context_length_exceeded", param="messages")


@dataclass(frozen=True, slots=True)
class FaultRate:
    fault: str
    probability: float


def parse_rates(text: str) -> tuple[FaultRate, ...]:
    """`429:0.2,drop` as rates; a fault without a probability always happens."""
    rates = tuple(_parse_rate(part.strip()) for part in text.split(","))
    if sum(rate.probability for rate in rates) > 1 + 1e-9:
        raise OptionError(f"The fault probabilities in '{text}' add up to more than 1.")
    return rates


def _parse_rate(text: str) -> FaultRate:
    fault, _, probability = text.partition(":")
    if fault not in FAULTS:
        raise OptionError(f"Unknown fault '{fault}'; known are {FAULT_LIST}.")
    try:
        rate = FaultRate(fault, float(probability or 1))
    except ValueError:
        rate = FaultRate(fault, -1)
    if not 0 <= rate.probability <= 1:
        raise OptionError(f"'{probability}' is not a probability between 0 and 1 (in '{text}').")
    return rate


class ModelFaults:
    """Decides which requests of a model fail. A repeated request draws again, so retries may succeed."""

    def __init__(self, seed: int, faults: Mapping[str, str]) -> None:
        self._seed = seed
        self._rates = {model: parse_rates(text) for model, text in faults.items()}
        self._repeats: Counter[str] = Counter()

    def draw(self, model: str, fingerprint: str) -> str | None:
        rates = self._rates.get(model) or self._rates.get(own_name(model)) or self._rates.get(ANY_MODEL)
        if not rates:
            return None
        self._repeats[fingerprint] += 1
        left = seeded("fault", self._seed, fingerprint, self._repeats[fingerprint]).random()
        for rate in rates:
            if left < rate.probability:
                return rate.fault
            left -= rate.probability
        return None


class FirstTimes:
    """Counts identical requests, for faults that hit only the first few of them."""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    def is_within(self, fingerprint: str, times: int | None) -> bool:
        if times is None:
            return True
        self._seen[fingerprint] += 1
        return self._seen[fingerprint] <= times
