"""An OpenID Connect provider on loopback, for one client and one account: the code flow with PKCE, and tokens signed by a
key of its own (OpenID Connect Core 1.0, RFC 7636). It asks nobody for a password."""

import base64
import hashlib
import secrets
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from collector.receivers.doors import listening_socket

CLIENT_ID, CLIENT_SECRET = "dashboard", "known to both"


@dataclass
class Provider:
    url: str
    email: str
    """Of whoever logs in."""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "only"}))
    asked: dict[str, dict[str, str]] = field(default_factory=dict)
    """By code, what the client wanted."""

    def application(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self.metadata),
                Route("/authorize", self.authorize),
                Route("/token", self.token, methods=["POST"]),
                Route("/keys", self.keys),
            ]
        )

    async def metadata(self, _: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/keys",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "code_challenge_methods_supported": ["S256"],
            }
        )

    async def authorize(self, request: Request) -> Response:
        wanted = dict(request.query_params)
        if wanted.get("client_id") != CLIENT_ID or "openid" not in wanted.get("scope", ""):
            return Response(status_code=400)
        code = secrets.token_urlsafe()
        self.asked[code] = wanted
        return RedirectResponse(f"{wanted['redirect_uri']}?code={code}&state={wanted['state']}")

    async def token(self, request: Request) -> Response:
        given = await request.form()
        wanted = self.asked.pop(str(given.get("code")), None)
        basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET.replace(' ', '+')}".encode()).decode()
        plain = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if wanted is None or request.headers.get("authorization") not in (f"Basic {basic}", f"Basic {plain}"):
            return JSONResponse({"error": "invalid_client"}, 401)
        proof = hashlib.sha256(str(given.get("code_verifier")).encode()).digest()
        if base64.urlsafe_b64encode(proof).decode().rstrip("=") != wanted.get("code_challenge"):
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": CLIENT_ID,
            "sub": "1",
            "iat": now,
            "exp": now + 600,
            "email": self.email,
            "email_verified": True,
            "nonce": wanted.get("nonce"),
        }
        id_token = jwt.encode({"alg": "RS256", "kid": "only"}, claims, self.key)
        return JSONResponse(
            {"access_token": "a", "token_type": "Bearer", "expires_in": 600, "id_token": id_token}
        )

    async def keys(self, _: Request) -> Response:
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})


@contextmanager
def provider_of(email: str) -> Generator[Provider]:
    listener = listening_socket(0)
    provider = Provider(f"http://127.0.0.1:{listener.getsockname()[1]}", email)
    server = uvicorn.Server(uvicorn.Config(provider.application(), log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield provider
    finally:
        server.should_exit = True
        thread.join()
