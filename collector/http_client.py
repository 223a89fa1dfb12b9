"""HTTP clients that suit the address they are for."""

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

import httpx


def http_client(
    url: str, timeout: httpx.Timeout, headers: Mapping[str, str] | None = None, *, token: str = ""
) -> httpx.Client:
    """A proxy meant for the internet has no business between a program and its own machine, and loading
    certificates takes a tenth of a second that plain HTTP has no use for."""
    encrypted = urlsplit(url).scheme == "https"
    sent = httpx.Headers(headers)
    if token:
        # As bytes: a token that no header can hold must not break the program; it is refused like a wrong one.
        sent.update([(b"authorization", b"Bearer " + token.encode())])
    return httpx.Client(timeout=timeout, headers=sent, trust_env=not is_loopback(url), verify=encrypted)


def is_loopback(url: str) -> bool:
    """Whether the address is on this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
