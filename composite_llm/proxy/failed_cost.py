"""Takes the price off answers that failed where nobody knows it.

LiteLLM writes 0 on each of them. What a composite that failed did cost is written by `callbacks`, but for
`/v1/messages`, where LiteLLM asks nobody.
"""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from composite_llm.proxy.callbacks import COST_HEADER

_NOTHING = (COST_HEADER.encode(), b"0")
"""LiteLLM's own; what we know to be nothing is `0.0`."""


class FailedCost:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def checked(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] >= 400:
                kept = [header for header in message.get("headers", ()) if tuple(header) != _NOTHING]
                message = {**message, "headers": kept}
            await send(message)

        await self._app(scope, receive, checked)
