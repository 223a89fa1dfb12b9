"""HTTP clients that suit the address they are for."""

import ipaddress
import socket
from collections.abc import Mapping
from urllib.parse import urlsplit

import httpx

HTTP = b"HTTP/"
"""How each answer begins."""


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


def speaks_no_http(url: str, seconds: float) -> bool:
    """Whether someone answers there, and the first bytes of the answer are not HTTP's."""
    address = urlsplit(url)
    if address.scheme != "http" or not address.hostname:
        return False
    try:
        with socket.create_connection((address.hostname, address.port or 80), timeout=seconds) as connection:
            connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
            first = connection.recv(len(HTTP))
    except OSError:
        return False
    return not HTTP.startswith(first)


def is_loopback(url: str) -> bool:
    """Whether the address is on this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
