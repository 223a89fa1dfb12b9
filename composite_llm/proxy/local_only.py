"""Who may use a proxy without a key: programs of this machine, and no web page.

LiteLLM answers pages of every origin. Without a key, one that a browser shows could spend money here.
"""

import ipaddress
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send


class LocalOnly:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._app
        if scope["type"] in {"http", "websocket"} and (stranger := _stranger(Headers(scope=scope))):
            message = (
                f"{stranger} may not use this proxy, which asks for no key. Set LITELLM_MASTER_KEY to let it."
            )
            app = JSONResponse({"error": {"message": message, "type": "forbidden", "code": "403"}}, 403)
        await app(scope, receive, send)


def _stranger(headers: Headers) -> str:
    """Who asks, if it is not this machine: a name that leads here from elsewhere, or another site's page."""
    if not is_loopback(_host(f"//{headers.get('host', '')}")):
        return "a client that calls it by another name than this machine's"
    origin = headers.get("origin")
    return "" if origin is None or is_loopback(_host(origin)) else "a web page of another site"


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
