"""
Which connections go through a proxy, for all clients: those to other machines where `grpc_proxy` names one, unless
`no_grpc_proxy` (or `no_proxy`) names the host. Never loopback. `http_proxy` and `https_proxy` are for the web: a
simulator or a robot in the next room is rarely behind them, and a step has no time for a detour.
"""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Mapping

_TARGET = re.compile(r"^(?:(dns|ipv4|ipv6|unix|unix-abstract):(?://[^/]*/)?)?(.*)$")


def proxy_options(address: str, environment: Mapping[str, str] = os.environ) -> list[tuple[str, int]]:
    """gRPC's channel options for an address; gRPC itself reads `grpc_proxy` and `no_grpc_proxy`."""
    is_asked = environment.get("grpc_proxy", "") != ""
    return [("grpc.enable_http_proxy", int(is_asked and not is_loopback_address(address)))]


def is_loopback_address(address: str) -> bool:
    """Whether a gRPC address (`host:port`, `[::1]:1`, `dns:///host:port`, `unix:/run/robot`) stays on this machine."""
    match = _TARGET.match(address)
    scheme, rest = match.groups() if match is not None else (None, address)
    if scheme is not None and scheme.startswith("unix"):
        return True
    host = _host_of(rest).lower()
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        ip = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
    return (mapped or ip).is_loopback


def _host_of(address: str) -> str:
    bracketed = re.fullmatch(r"\[([^\]]*)\](?::\d+)?", address)
    if bracketed is not None:
        return bracketed[1]
    return address if address.count(":") > 1 else re.sub(r":\d+$", "", address)
