"""Who may use the collector: by token, by the name it is called by, by the page that asks.

On loopback everybody on the machine may. What has to be kept out there is a web page that makes a browser
call it: by a name of the page's own that leads to loopback, or from another origin.
"""

import hmac
import ipaddress
import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from collector.errors import CollectorError
from collector.receivers import wire

LOCALHOST = "localhost"
OPEN_PATH = "/healthz"
"""Answered without a token too, so that whatever starts and watches collectors needs none."""
TOKEN = re.compile(r"[!-~]+")
ORIGIN = re.compile(r"https?://[^/?#\s*]+", re.IGNORECASE)
READING_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
SENT_BY_PAGES = ("Authorization", "Content-Encoding", "Content-Type")


@dataclass(frozen=True, slots=True)
class Access:
    token: str = field(default="", repr=False)
    """What every request must carry; empty: nothing."""
    names: tuple[str, ...] = ()
    """Host names the collector answers to beside localhost; `*` stands for any text."""
    origins: tuple[str, ...] = ()
    """Of the web pages that may send and ask."""

    def admits(self, authorization: str) -> bool:
        scheme, _, given = authorization.partition(" ")
        # Compared in a time that does not tell how much of it was right.
        same = hmac.compare_digest(given.strip().encode(errors="replace"), self.token.encode())
        return not self.token or (same and scheme.lower() == "bearer")

    def answers_to(self, host: str | None) -> bool:
        """By a name that anybody can make lead here, only pages would call; an address always leads to itself.

        Who has the token is no such page.
        """
        name = host_name(host or "")
        known = name == LOCALHOST or any(fnmatchcase(name, allowed.lower()) for allowed in self.names)
        return bool(self.token) or known or is_address(name)

    def lets_page_send(self, origin: str) -> bool:
        return origin.lower() in {allowed.lower() for allowed in self.origins}


def checked(access: Access, *, host: str, open_to_all: bool) -> Access:
    """The same, if it makes sense for a collector that listens on `host`."""
    if access.token and not TOKEN.fullmatch(access.token):
        raise CollectorError(
            "COMPOSITE_LLM_TOKEN must be plain ASCII without spaces, as it travels in a header"
        )
    for origin in access.origins:
        if not ORIGIN.fullmatch(origin):
            raise CollectorError(
                f"{origin!r} is no origin: write one as the browser does, such as https://traces.example.com"
            )
    if not (access.token or open_to_all or is_loopback_host(host)):
        raise CollectorError(
            f"--host {host} lets other machines in, and no token keeps strangers out. Set COMPOSITE_LLM_TOKEN to "
            "a secret that senders and askers share, or add --insecure-no-token to let everybody write and read."
        )
    return access


def middleware(access: Access) -> list[Middleware]:
    """From the outside in: a page's preflight comes without a token, and an error needs the page's headers."""
    pages = Middleware(
        CORSMiddleware,
        allow_origins=[origin.lower() for origin in access.origins],
        allow_methods=["GET", "POST"],
        allow_headers=SENT_BY_PAGES,
        allow_private_network=True,
    )
    return [
        Middleware(KnownName, access=access),
        Middleware(KnownPage, access=access),
        *([pages] if access.origins else []),
        *([Middleware(BearerToken, access=access)] if access.token else []),
    ]


class KnownName:
    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._app
        if scope["type"] == "http" and not self._access.answers_to(host := Headers(scope=scope).get("host")):
            message = f"this collector does not answer to {host!r}; start it with --allow-host to let it"
            app = wire.spoken_in(scope).error(400, wire.INVALID_ARGUMENT, message)
        await app(scope, receive, send)


class KnownPage:
    """Browsers send some requests without asking first, and only keep the answer from the page."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._app
        if scope["type"] == "http" and scope["method"] not in READING_METHODS:
            origin = Headers(scope=scope).get("origin")
            if origin is not None and not self._access.lets_page_send(origin):
                message = f"pages of {origin[:200]!r} may not send here; start the collector with --allow-origin to let them"
                app = wire.spoken_in(scope).error(403, wire.PERMISSION_DENIED, message)
        await app(scope, receive, send)


class BearerToken:
    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._app
        if scope["type"] == "http" and scope["path"] != OPEN_PATH:
            authorization = Headers(scope=scope).get("authorization", "")
            if not self._access.admits(authorization):
                app = wire.spoken_in(scope).error(
                    401, wire.UNAUTHENTICATED, complaint(authorization), {"WWW-Authenticate": "Bearer"}
                )
        await app(scope, receive, send)


def complaint(authorization: str) -> str:
    """Without what was sent, which may be somebody's secret."""
    what = (
        "the bearer token is not this collector's" if authorization else "this collector needs a bearer token"
    )
    return f"{what}: send the header 'Authorization: Bearer <COMPOSITE_LLM_TOKEN>'"


def host_name(host: str) -> str:
    """Of a Host header: without the port."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_loopback_host(name: str) -> bool:
    return name == LOCALHOST or (is_address(name) and ipaddress.ip_address(name).is_loopback)
