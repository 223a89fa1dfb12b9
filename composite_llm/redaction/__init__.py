"""Keys must not reach a span, a log or an error message."""

import os
import re

_KEY_NAMES = ("_KEY", "_TOKEN", "_SECRET")
_KEY_SHAPE = re.compile(
    r"\b(?:(?:sk|pk|rk|gsk|xai)-[\w*-]{8,}|AIza[\w-]{20,}|gsk_\w{20,}|(?:AKIA|ASIA)[A-Z0-9]{12,})"
)


def without_secrets(text: str, *known: str) -> str:
    """`text` with every API key replaced: `known` ones, those of the environment, and whatever has their shape."""
    environment = (value for name, value in os.environ.items() if name.endswith(_KEY_NAMES))
    for secret in (*known, *environment):
        if len(secret) >= 8:
            text = text.replace(secret, "***")
    return _KEY_SHAPE.sub("***", text)
