"""HTTP clients that suit the address they are for."""

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

import httpx


def http_client(url: str, timeout: httpx.Timeout, headers: Mapping[str, str] | None = None) -> httpx.Client:
    """A proxy meant for the internet has no business between a program and its own machine, and loading
    certificates takes a tenth of a second that plain HTTP has no use for."""
    encrypted = urlsplit(url).scheme == "https"
    return httpx.Client(timeout=timeout, headers=headers, trust_env=not is_loopback(url), verify=encrypted)


def is_loopback(url: str) -> bool:
    """Whether the address is on this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
