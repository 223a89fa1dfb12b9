"""Prompt caching as OpenAI documents it: a prefix of at least 1,024 tokens, counted in steps of 128.

A prompt is remembered only when its answer is done, so calls that run side by side do not profit
from each other; the second of two calls in a row does.
"""

from hashlib import blake2b

from composite_llm.simulator.usage import CHARACTERS_PER_TOKEN

LEAST_TOKENS = 1024
STEP_TOKENS = 128
MOST_PREFIXES = 200_000


class PromptCache:
    def __init__(self) -> None:
        # A dict for its order: the oldest prefixes are forgotten first.
        self._seen: dict[bytes, None] = {}

    def cached_tokens(self, model: str, prompt: str) -> int:
        """How many leading tokens of the prompt this model has read before."""
        cached = 0
        for tokens, digest in _prefixes(model, prompt):
            if digest not in self._seen:
                break
            cached = tokens
        return cached

    def remember(self, model: str, prompt: str) -> None:
        for _, digest in _prefixes(model, prompt):
            self._seen[digest] = None
        while len(self._seen) > MOST_PREFIXES:
            del self._seen[next(iter(self._seen))]


def _prefixes(model: str, prompt: str) -> list[tuple[int, bytes]]:
    """The digest of each cacheable prefix, shortest first."""
    tokens = len(prompt) // CHARACTERS_PER_TOKEN
    digest = blake2b(model.encode() + b"\0", digest_size=16)
    prefixes: list[tuple[int, bytes]] = []
    read = 0
    for end in range(LEAST_TOKENS, tokens + 1, STEP_TOKENS):
        digest.update(prompt[read : end * CHARACTERS_PER_TOKEN].encode("utf-8", "surrogatepass"))
        read = end * CHARACTERS_PER_TOKEN
        prefixes.append((end, digest.digest()))
    return prefixes
