"""The proxy's key, where it has no database of others.

LiteLLM 1.106 answers a wrong key with 500 where the package of its database is not installed, and clients try
again what fails like that.
"""

import hmac

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

DOORS = ("/v1/", "/chat/completions", "/completions", "/responses", "/models", "/openai/", "/engines/")
"""Where models are called; LiteLLM keeps the rest itself."""
CARRIERS = ("authorization", "x-api-key", "api-key", "x-litellm-api-key")


class KeyCheck:
    def __init__(self, app: ASGIApp, key: str) -> None:
        self._app, self._key = app, key

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._app
        if scope["type"] == "http" and scope["path"].startswith(DOORS) and scope["method"] != "OPTIONS":
            sent = [Headers(scope=scope).get(name) for name in CARRIERS]
            if not any(self._is_right(value) for value in sent if value):
                app = _refusal("wrong" if any(sent) else "missing")
        await app(scope, receive, send)

    def _is_right(self, value: str) -> bool:
        scheme, _, rest = value.partition(" ")
        given = rest.strip() if scheme.lower() == "bearer" else value.strip()
        # Compared in a time that does not tell how much of it was right.
        return hmac.compare_digest(given.encode(errors="replace"), self._key.encode())


def _refusal(what: str) -> JSONResponse:
    """Without what was sent, which may be somebody's secret."""
    message = f"The key is {what}: send this proxy's, which is LITELLM_MASTER_KEY, as your client's API key."
    error = {"message": message, "type": "auth_error", "code": "401", "param": None}
    return JSONResponse({"error": error}, 401, {"WWW-Authenticate": "Bearer"})
