"""
Gym over the wire: serve any Gymnasium environment over gRPC, and use any gymwire server as a Gymnasium environment.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from gymwire.errors import GymwireError
from gymwire.remote_id import register_envs
from gymwire.version import PACKAGE_VERSION

if TYPE_CHECKING:
    from gymwire.client.connection import Connection, ConnectionOptions
    from gymwire.client.remote_env import RemoteEnv
    from gymwire.client.remote_session import SessionLostError
    from gymwire.client.remote_vector_env import RemoteVectorEnv
    from gymwire.server.arguments import ArgumentSpec
    from gymwire.server.batch_registration import VectorEnvRegistration
    from gymwire.server.env_registration import EnvRegistration, gymnasium_env
    from gymwire.server.options import ServerOptions
    from gymwire.server.serve import RunningServer, serve, start_server

__version__ = PACKAGE_VERSION

__all__ = [
    "ArgumentSpec",
    "Connection",
    "ConnectionOptions",
    "EnvRegistration",
    "GymwireError",
    "RemoteEnv",
    "RemoteVectorEnv",
    "RunningServer",
    "ServerOptions",
    "SessionLostError",
    "VectorEnvRegistration",
    "gymnasium_env",
    "serve",
    "start_server",
]

# Loaded when they are asked for: the process of a session needs neither gRPC nor the server.
_LAZY = {
    "ArgumentSpec": "gymwire.server.arguments",
    "Connection": "gymwire.client.connection",
    "ConnectionOptions": "gymwire.client.connection",
    "EnvRegistration": "gymwire.server.env_registration",
    "RemoteEnv": "gymwire.client.remote_env",
    "RemoteVectorEnv": "gymwire.client.remote_vector_env",
    "RunningServer": "gymwire.server.serve",
    "ServerOptions": "gymwire.server.options",
    "SessionLostError": "gymwire.client.remote_session",
    "VectorEnvRegistration": "gymwire.server.batch_registration",
    "gymnasium_env": "gymwire.server.env_registration",
    "serve": "gymwire.server.serve",
    "start_server": "gymwire.server.serve",
}


def __getattr__(name: str) -> Any:
    module = _LAZY.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(module), name)


register_envs()
