"""Messages over a pipe: eight bytes of length, then JSON. Used on both sides.

JSON and nothing cleverer: what comes out of the process is written by whoever took it over, at worst.
"""

import json
import os
from typing import Any

LONGEST = 2**26
"""Bytes of a message from the process. It sends none that is longer, and is ended if it does: whoever reads one holds
it all."""

HEADER = 8


def encoded(message: dict[str, Any]) -> bytes:
    body = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    return len(body).to_bytes(HEADER, "big") + body


def decoded(body: bytes) -> dict[str, Any]:
    """ValueError where it is no JSON object, or one nobody could read."""
    try:
        return dict(json.loads(body))
    except (RecursionError, TypeError):
        raise ValueError("it is no object, or has too many levels") from None


def write(descriptor: int, message: dict[str, Any]) -> None:
    """ValueError, with nothing written, where it is too long."""
    body = encoded(message)
    if len(body) > LONGEST:
        raise ValueError(f"it takes {len(body):,} bytes to tell, and {LONGEST:,} is the most")
    rest = memoryview(body)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def read(descriptor: int) -> dict[str, Any]:
    """The next message. EOFError when the other side has gone."""
    return decoded(_exactly(descriptor, int.from_bytes(_exactly(descriptor, HEADER), "big")))


def _exactly(descriptor: int, size: int) -> bytes:
    parts: list[bytes] = []
    while size:
        part = os.read(descriptor, min(size, 2**20))
        if not part:
            raise EOFError("the other side has gone")
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
