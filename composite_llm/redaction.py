"""Keys must not reach a span, a log or an error message."""

import os
import re

_KEY_NAMES = ("_KEY", "_TOKEN", "_SECRET")
_KEY_SHAPE = re.compile(r"\b(?:sk|pk|rk|gsk|xai)-[\w*-]{8,}")


def without_secrets(text: str) -> str:
    """`text` with every API key replaced: those of the environment, and whatever is shaped like one."""
    for name, value in os.environ.items():
        if name.endswith(_KEY_NAMES) and len(value) >= 8:
            text = text.replace(value, "***")
    return _KEY_SHAPE.sub("***", text)
