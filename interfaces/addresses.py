"""Addresses of servers, as people type them."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit


def is_address(text: str) -> bool:
    """Whether a client of HTTP can ask there."""
    if text.split() != [text]:
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number, half an IPv6 address
        return False


def is_here(address: str) -> bool:
    """Whether an address is of this very machine, which no proxy can reach."""
    host = urlsplit(address).hostname or ""
    return is_loopback(host) or host.endswith(".localhost")


def is_loopback(host: str) -> bool:
    """Whether a host is this machine as it calls itself, which nobody else can reach."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:  # another name
        return False
