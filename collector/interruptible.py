"""A request that is waited for only as long as somebody wants its answer; leaving hangs up, which ends the question.

A blocking client cannot be woken while it waits for the first byte, and a query's first byte comes at its end.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx

SECONDS_BETWEEN_LOOKS = 0.1


def posted(
    url: str, wanted: Callable[[], bool], *, headers: httpx.Headers, trust_env: bool, **options: Any
) -> httpx.Response | None:
    """The answer to a POST, None where it was not wanted any more. For threads without an event loop."""
    return asyncio.run(_posted(url, wanted, headers, trust_env, options))


async def _posted(
    url: str, wanted: Callable[[], bool], headers: httpx.Headers, trust_env: bool, options: dict[str, Any]
) -> httpx.Response | None:
    encrypted = url.startswith("https")
    async with httpx.AsyncClient(headers=headers, trust_env=trust_env, verify=encrypted) as client:
        asking = asyncio.create_task(client.post(url, **options))
        try:
            while not asking.done() and wanted():
                await asyncio.wait({asking}, timeout=SECONDS_BETWEEN_LOOKS)
            return asking.result() if asking.done() else None
        finally:
            asking.cancel()
            await asyncio.wait({asking})
