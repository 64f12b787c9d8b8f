"""What an address tells: where its server is, and what its root is."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit


def root_of(base_url: str) -> str:
    """The server's own address: without the API's path and without a login."""
    parts = urlsplit(base_url)
    path = parts.path.rstrip("/").removesuffix("/v1").rstrip("/")
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], path=path).geturl()


def is_on_this_machine(base_url: str) -> bool:
    """Whether the server is on this machine, where no proxy has to be asked."""
    host = urlsplit(base_url).hostname or ""
    address = _ip(host)
    return host == "localhost" if address is None else address.is_loopback


def is_near(base_url: str) -> bool:
    """Whether the server is on this machine or in its own network."""
    host = urlsplit(base_url).hostname or ""
    address = _ip(host)
    if address is None:
        return "." not in host or host.endswith((".local", ".lan", ".internal"))
    return address.is_loopback or address.is_private


def _ip(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
