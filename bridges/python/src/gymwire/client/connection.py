"""A channel to a gymwire server: who is there, what it serves, new sessions."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import grpc
from google.protobuf.message import Message

from gymwire.client.diagnose_tls import diagnose_tls
from gymwire.client.proxy_rule import proxy_options
from gymwire.client.readable_token import refuse_readable_token
from gymwire.client.rpc_errors import Undecodable, from_rpc_error, or_undecodable
from gymwire.client.stream_call import StreamCall, open_stream
from gymwire.errors import GymwireError
from gymwire.server_address import ServerAddress, parse_server_address
from gymwire.trusted_file import read_authorities, read_trusted_file
from gymwire.v1 import env_service_pb2 as pb
from gymwire.version import PACKAGE_VERSION, PROTOCOL_MAJOR, PROTOCOL_MINOR

_SERVICE = "/gymwire.v1.EnvService/"
_TOKEN = re.compile(r"[\x21-\x7e]+")
_MAX_MESSAGE_BYTES = 64 * 2**20

M = TypeVar("M", bound=Message)


@dataclass(frozen=True)
class ConnectionOptions:
    """How to reach a server, and how long to wait for it."""

    #: "127.0.0.1:50051", "[::1]:50051", "unix:/run/gym.sock"
    address: str
    #: The bearer token that the server asks for, or a file with it. A file keeps it out of `env.spec`. To another
    #: machine it goes over TLS only, unless `insecure` says otherwise.
    token: str | None = field(default=None, repr=False)
    token_file: str | Path | None = None
    #: PEM file of the authority of the server's certificate; turns TLS on.
    ca: str | Path | None = None
    #: TLS with the authorities that this machine trusts.
    tls: bool = False
    #: PEM files of this client's own certificate and key, where the server asks for one.
    tls_cert: str | Path | None = None
    tls_key: str | Path | None = None
    #: The name in the server's certificate, where it is not the host that is connected to.
    tls_server_name: str | None = None
    #: The network itself is trusted: a token may leave this machine without TLS.
    insecure: bool = False
    #: How long one request may take. Afterwards the stream is given up, a new one asks again, once.
    deadline_ms: int = 60_000
    #: How long a broken connection is tried anew.
    reconnect_timeout_ms: int = 60_000

    def __post_init__(self) -> None:
        # Refused here, where it is given.
        _ = self.parsed_address
        if self.token is not None and self.token_file is not None:
            raise GymwireError("INVALID_ARGUMENT", "token and token_file: give one of them")
        if self.token is not None or self.token_file is not None:
            refuse_readable_token(self.address, encrypts=self.encrypts, insecure=self.insecure)
        for name, minimum in (("deadline_ms", 1), ("reconnect_timeout_ms", 0)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < minimum:
                raise GymwireError(
                    "INVALID_ARGUMENT", f"{name}: expected an integer of at least {minimum}, got {value!r}"
                )

    @property
    def encrypts(self) -> bool:
        return self.ca is not None or self.tls or self.tls_cert is not None

    @property
    def parsed_address(self) -> ServerAddress:
        return parse_server_address(self.address, encrypts=self.encrypts)


class Connection:
    """A server's address, and the channel to it, which `renew` replaces."""

    def __init__(self, options: ConnectionOptions) -> None:
        """Raises GymwireError SERVER_UNAVAILABLE, VERSION_MISMATCH, NOT_GYMWIRE, UNAUTHENTICATED, …"""
        self.options = options
        self._target = options.parsed_address
        token = options.token
        if options.token_file is not None:
            token = read_trusted_file("token_file", options.token_file).decode("ascii", "replace")
        self._metadata = () if token is None else (("authorization", f"Bearer {_checked_token(token)}"),)
        self._credentials = _credentials_of(options)
        self._channel = self._open()
        try:
            self.shake_hands()
        except BaseException:
            self.close()
            raise

    @property
    def address(self) -> str:
        return self._target.text

    def list_envs(self) -> list[pb.EnvSpec]:
        """What the server can make, with the keyword arguments that each environment takes."""
        return list(self._call("ListEnvs", pb.ListEnvsRequest(), pb.ListEnvsResponse).envs)

    def make_session(self, request: pb.MakeSessionRequest) -> pb.MakeSessionResponse:
        try:
            return self._call("MakeSession", request, pb.MakeSessionResponse)
        except GymwireError as error:
            if error.code != "UNKNOWN_ENV":
                raise
            # A server does not know by what address it is reached.
            message = f"at {self.address}: {error.message}"
            raise GymwireError(error.code, message, error.details, origin=error.origin) from error.__cause__

    def close_session(self, session_id: str, longest_s: float = math.inf) -> None:
        """The server closes it also when that takes longer than this call waits."""
        request = pb.CloseSessionRequest(session_id=session_id)
        self._call("CloseSession", request, pb.CloseSessionResponse, longest_s)

    def interact(self) -> StreamCall:
        """A new stream."""
        return open_stream(self._channel, f"{_SERVICE}Interact", self._metadata)

    def renew(self) -> None:
        """A new channel: the old one may still believe in a connection that is dead."""
        self._channel.close()
        self._channel = self._open()

    def close(self) -> None:
        self._channel.close()

    def _open(self) -> Any:
        options: list[tuple[str, int | str]] = [
            ("grpc.primary_user_agent", f"gymwire-python/{PACKAGE_VERSION}"),
            ("grpc.max_receive_message_length", _MAX_MESSAGE_BYTES),
            ("grpc.max_send_message_length", _MAX_MESSAGE_BYTES),
            # Liveness comes from the connection, not from how often this client steps.
            ("grpc.keepalive_time_ms", 20_000),
            ("grpc.keepalive_timeout_ms", 20_000),
            ("grpc.keepalive_permit_without_calls", 1),
            ("grpc.http2.max_pings_without_data", 0),
            ("grpc.use_local_subchannel_pool", 1),
            *proxy_options(self.address),
        ]
        if self._credentials is None:
            return grpc.insecure_channel(self._target.target, options)
        if self.options.tls_server_name is not None:
            options.append(("grpc.ssl_target_name_override", self.options.tls_server_name))
        return grpc.secure_channel(self._target.target, self._credentials, options)

    def _call(self, name: str, request: Message, reply: type[M], longest_s: float = math.inf) -> M:
        method = self._channel.unary_unary(
            _SERVICE + name,
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=or_undecodable(reply),
        )
        try:
            timeout_s = min(self.options.deadline_ms / 1000, longest_s)
            answer = method(request, timeout=timeout_s, metadata=self._metadata)
        except grpc.RpcError as error:
            raise self._explain(name, error) from error
        if isinstance(answer, Undecodable):
            code = "NOT_GYMWIRE" if name == "Handshake" else "MALFORMED"
            message = f"{name} at {self.address}: the answer cannot be decoded: {answer.reason}"
            raise GymwireError(code, message, origin="transport")
        return answer

    def _explain(self, name: str, error: Any) -> GymwireError:
        where = f"{name} at {self.address}"
        found = from_rpc_error(error, where)
        # A gymwire server gives its reasons itself.
        if name != "Handshake" or found.origin == "peer":
            return found
        if found.code in {"NOT_GYMWIRE", "INTERNAL"}:
            message = f"something answers at {self.address}, but it is no gymwire server: {found.message}"
            return GymwireError("NOT_GYMWIRE", message, origin=found.origin)
        if found.code != "SERVER_UNAVAILABLE":
            return found
        fault = self._fault_of_tls()
        if fault is not None:
            return GymwireError("TLS_FAILED", f"{where}: {fault}", origin=found.origin)
        hint = "is a server running there, with or without TLS as this client expects? It may be full, too"
        message = f"{found.message}; {hint}: servers take so many connections (--max-connections) and no more"
        return GymwireError(found.code, message, origin=found.origin)

    def _fault_of_tls(self) -> str | None:
        options = self.options
        pair = None if options.tls_cert is None or options.tls_key is None else (options.tls_cert, options.tls_key)
        return diagnose_tls(
            self._target,
            encrypts=self._credentials is not None,
            ca=options.ca,
            certificate=pair,
            server_name=options.tls_server_name,
        )

    def shake_hands(self) -> None:
        """Who is there: `server`. Raises GymwireError as the constructor does."""
        version = pb.ProtocolVersion(major=PROTOCOL_MAJOR, minor=PROTOCOL_MINOR)
        request = pb.HandshakeRequest(protocol_version=version, client=f"gymwire-python/{PACKAGE_VERSION}")
        reply = self._call("Handshake", request, pb.HandshakeResponse)
        spoken = reply.protocol_version
        if spoken.major != PROTOCOL_MAJOR:
            raise GymwireError(
                "VERSION_MISMATCH",
                f"the server {reply.server} at {self.address} speaks protocol {spoken.major}.{spoken.minor}, this "
                f"client (gymwire for Python {PACKAGE_VERSION}) {PROTOCOL_MAJOR}.{PROTOCOL_MINOR}",
            )
        self.server = reply


def _checked_token(token: str) -> str:
    """gRPC would only say that the metadata is invalid. The message never holds the token."""
    trimmed = token.strip()
    if not _TOKEN.fullmatch(trimmed):
        raise GymwireError("INVALID_ARGUMENT", "token: expected visible ASCII characters, at least one")
    return trimmed


def _credentials_of(options: ConnectionOptions) -> Any:
    if (options.tls_cert is None) != (options.tls_key is None):
        raise GymwireError("INVALID_ARGUMENT", "tls_cert and tls_key: give both, or neither")
    if not options.encrypts:
        return None
    return grpc.ssl_channel_credentials(
        None if options.ca is None else read_authorities("ca", options.ca),
        None if options.tls_key is None else read_trusted_file("tls_key", options.tls_key),
        None if options.tls_cert is None else read_trusted_file("tls_cert", options.tls_cert),
    )
