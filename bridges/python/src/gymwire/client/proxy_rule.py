"""
Which connections go through a proxy, for all clients: those to other machines where `grpc_proxy` names one, unless
`no_grpc_proxy` (or `no_proxy`) names the host. Never loopback. `http_proxy` and `https_proxy` are for the web: a
simulator or a robot in the next room is rarely behind them, and a step has no time for a detour.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from gymwire.server_address import is_loopback_address


def proxy_options(address: str, environment: Mapping[str, str] = os.environ) -> list[tuple[str, int]]:
    """gRPC's channel options for an address; gRPC itself reads `grpc_proxy` and `no_grpc_proxy`."""
    is_asked = environment.get("grpc_proxy", "") != ""
    return [("grpc.enable_http_proxy", int(is_asked and not is_loopback_address(address)))]
