"""The service, its sessions, health and reflection on one port."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import sys
from typing import Any

import grpc
from grpc_health.v1 import health_pb2

from gymwire.errors import GymwireError
from gymwire.server.call_limit import CallLimit
from gymwire.server.health import HealthService
from gymwire.server.operator_service import OperatorService
from gymwire.server.options import ServerOptions, without_brackets
from gymwire.server.quiet_log import quiet_log
from gymwire.server.reflection import add_reflection
from gymwire.server.registry import EnvRegistry
from gymwire.server.service import SERVICE_NAME, EnvService
from gymwire.server.session_store import SessionStore
from gymwire.server.socket_file import SocketFile
from gymwire.server.token_check import TokenCheck
from gymwire.serves_here import begin_serving
from gymwire.trusted_file import read_trusted_file
from gymwire.v1 import env_service_pb2, operator_pb2

_log = logging.getLogger("gymwire")

#: How long the last answers may take to leave.
_FAREWELL_S = 1.0
_FIRST_FRAMES_MS = 10_000
# gRPC's core takes no connection above the cap, and cannot end an idle one for it: so an idle one ends by itself, soon.
_IDLE_CONNECTION_MS = 10_000
#: Of one connection, beside those of sessions.
_OTHER_STREAMS = 64
_IDENTITY_ONLY = 1
_OWN_DESCRIPTORS = 64
#: Three pipes, and a handle of the process.
_DESCRIPTORS_OF_A_SESSION = 4

_TAKEN = (
    "another process listens there: end that one, or give another port "
    "(port=0, --port 0 on the command line, picks a free one)"
)

#: The port, and the file of a Unix socket.
Bound = tuple[int, SocketFile | None]


class EnvServer:
    """A server on the event loop that runs now. Made by `start`."""

    def __init__(
        self, server: Any, service: EnvService, store: SessionStore, health_service: HealthService, bound: Bound
    ) -> None:
        port, socket_file = bound
        self._server = server
        self._service = service
        self._store = store
        self._health = health_service
        self._stopping: asyncio.Task[None] | None = None
        self._hurry = asyncio.Event()
        self._socket_file = socket_file
        self._address = _address_of(store.options, port)
        #: Of a Unix socket 0, since it has none.
        self.port = port

    @classmethod
    async def start(cls, registry: EnvRegistry, options: ServerOptions) -> EnvServer:
        """Raises GymwireError INVALID_ARGUMENT for bad files, SERVER_UNAVAILABLE when the address cannot be bound."""
        tokens = options.read_token(), options.read_operator_token()
        checks = () if tokens == (None, None) else (TokenCheck(*tokens),)
        begin_serving()
        server = grpc.aio.server(
            interceptors=(CallLimit(options.max_sessions), *checks),
            options=_channel_options(options),
        )
        store = SessionStore(registry, options)
        service = EnvService(store)
        server.add_generic_rpc_handlers((service.handlers(),))
        health_service = HealthService(SERVICE_NAME)
        server.add_generic_rpc_handlers((health_service.handlers(),))
        files = [env_service_pb2.DESCRIPTOR, health_pb2.DESCRIPTOR]
        if tokens[1] is not None:
            server.add_generic_rpc_handlers((OperatorService(store, service.unary).handlers(),))
            files.append(operator_pb2.DESCRIPTOR)
        add_reflection(server, files)
        bound = _bind(server, options)
        await server.start()
        for warning in options.warnings:
            _log.warning("%s", warning)
        started = cls(server, service, store, health_service, bound)
        _log.info("serving %s on %s", ", ".join(registry.ids()), started.address)
        return started

    @property
    def host(self) -> str:
        unix = self._store.options.unix_address
        return self._store.options.host if unix is None else unix.text

    @property
    def address(self) -> str:
        """What clients connect to: "127.0.0.1:50051", or "unix:/run/gym.sock"."""
        return self._address

    @property
    def drain_timeout_ms(self) -> int:
        return self._store.options.drain_timeout_ms

    @property
    def env_ids(self) -> list[str]:
        return self._store.registry.ids()

    @property
    def session_count(self) -> int:
        return len(self._store)

    async def shutdown(self) -> None:
        """
        Takes no more sessions and tells so to who asks for its health; lets sessions go on for `drain_timeout_ms`; ends
        their streams with SHUTTING_DOWN, and closes every simulator. A second call waits for the first.
        """
        if self._stopping is None:
            self._stopping = asyncio.ensure_future(self._stop())
        await asyncio.shield(self._stopping)

    def hurry(self) -> None:
        """A shutdown that is under way, or is yet to come, waits for nobody."""
        self._hurry.set()

    async def _stop(self) -> None:
        self._store.drain()
        self._health.end()
        drained = asyncio.ensure_future(self._store.wait_until_empty())
        hurried = asyncio.ensure_future(self._hurry.wait())
        timeout_s = self._store.options.drain_timeout_ms / 1000
        await asyncio.wait({drained, hurried}, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        drained.cancel()
        hurried.cancel()
        self._service.end_streams(GymwireError("SHUTTING_DOWN", "the server is shutting down"))
        if self._socket_file is not None:
            self._socket_file.remove()
        await self._server.stop(_FAREWELL_S)
        await self._store.close_all(patience_s=0)
        quiet_log.flush()


def _channel_options(options: ServerOptions) -> list[tuple[str, int]]:
    return [
        ("grpc.max_receive_message_length", options.max_message_bytes),
        ("grpc.max_send_message_length", options.max_message_bytes),
        # Liveness comes from the connection, not from how often a client steps: a trainer may think for minutes.
        ("grpc.keepalive_time_ms", 20_000),
        ("grpc.keepalive_timeout_ms", 20_000),
        ("grpc.keepalive_permit_without_calls", 1),
        # Clients ping while they think. Without these, gRPC's core answers with GOAWAY too_many_pings.
        ("grpc.http2.min_ping_interval_without_data_ms", 1000),
        ("grpc.http2.max_ping_strikes", 0),
        ("grpc.http2.max_pings_without_data", 0),
        ("grpc.so_reuseport", 0),
        ("grpc.max_allowed_incoming_connections", _connection_limit(options)),
        # The preface, TLS and the first settings.
        ("grpc.server_handshake_timeout_ms", _FIRST_FRAMES_MS),
        # A connection without a call; its client opens another one when it has something to say.
        ("grpc.max_connection_idle_ms", _IDLE_CONNECTION_MS),
        # One connection may hold a stream of every session.
        ("grpc.max_concurrent_streams", options.max_sessions + _OTHER_STREAMS),
        # A few kilobytes that become 64 MiB are no message that anybody sends.
        ("grpc.compression_enabled_algorithms_bitset", _IDENTITY_ONLY),
    ]


def _connection_limit(options: ServerOptions) -> int:
    """As many as asked for, if the descriptors that sessions need are left."""
    if sys.platform == "win32":
        return options.max_connections
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return options.max_connections
    room = max(soft - _OWN_DESCRIPTORS - _DESCRIPTORS_OF_A_SESSION * options.max_sessions, soft // 4)
    if room < options.max_connections:
        _log.warning(
            "this process may have %d file descriptors, so that %d connections are taken at a time and not %d",
            *(soft, room, options.max_connections),
        )
    return min(room, options.max_connections)


def _bind(server: Any, options: ServerOptions) -> Bound:
    unix = options.unix_address
    address = _address_of(options, options.port)
    try:
        if unix is not None and unix.path is not None:
            return 0, SocketFile.bind(unix.path, server.add_insecure_port)
        if unix is not None:
            server.add_insecure_port(unix.target)
            return 0, None
        if options.tls_cert is None or options.tls_key is None:
            return int(server.add_insecure_port(address)), None
        options.check_tls()
        pair = (read_trusted_file("tls_key", options.tls_key), read_trusted_file("tls_cert", options.tls_cert))
        authority = None if options.tls_client_ca is None else read_trusted_file("tls_client_ca", options.tls_client_ca)
        credentials = grpc.ssl_server_credentials([pair], authority, authority is not None)
        return int(server.add_secure_port(address, credentials)), None
    except RuntimeError as error:
        raise GymwireError("SERVER_UNAVAILABLE", f"cannot listen on {address}: {_why(options) or error}") from error


def _why(options: ServerOptions) -> str | None:
    """gRPC's core does not say why it cannot listen, so the address is tried once more. None: it would be possible."""
    if options.unix_address is not None:
        return None
    try:
        for family, kind, protocol, _, where in socket.getaddrinfo(
            *(without_brackets(options.host), options.port), type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        ):
            with socket.socket(family, kind, protocol) as probe:
                if sys.platform != "win32":  # There it would take the port from whom has it.
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(where)
                probe.listen()
    except OSError as error:
        return _TAKEN if error.errno == errno.EADDRINUSE else error.strerror or str(error)
    return None


def _address_of(options: ServerOptions, port: int) -> str:
    if options.unix_address is not None:
        return options.unix_address.text
    host = without_brackets(options.host)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
