"""How many tokens a model reads in one prompt. A longer one is refused, as providers refuse it.

Models are found as in `profiles`, by the longest prefix of their own name; of one that is not here nothing is refused.
"""

from composite_llm.simulator.profiles import own_name

WINDOWS: dict[str, int] = {
    "gpt-3.5": 16_385,
    "gpt-4": 8_192,
    "gpt-4-turbo": 128_000,
    "gpt-4.1": 1_047_576,
    "gpt-4o": 128_000,
    "gpt-5": 272_000,
    "gpt-oss": 131_072,
    "o1": 200_000,
    "o3": 200_000,
    "o4": 200_000,
    "claude": 200_000,
    "gemini": 1_048_576,
    "mixtral": 32_768,
}


def window_of(model: str) -> int | None:
    name = own_name(model).lower()
    prefixes = [prefix for prefix in WINDOWS if name.startswith(prefix)]
    return WINDOWS[max(prefixes, key=len)] if prefixes else None
