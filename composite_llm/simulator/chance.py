"""Random numbers that depend on a key alone, so that the same request always gets the same answer."""

import json
from random import Random


def seeded(*key: object) -> Random:
    """A generator for this key. Random seeds strings by SHA-512, so it is the same in every process."""
    return Random(json.dumps(key, sort_keys=True, default=str))
