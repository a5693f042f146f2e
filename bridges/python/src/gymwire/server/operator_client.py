"""`python -m gymwire sessions`: what the servers of this user, or one of them, hold; and an end for one session."""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeVar

import grpc
from google.protobuf.message import Message

from gymwire.client.proxy_rule import proxy_options
from gymwire.client.readable_token import refuse_readable_token
from gymwire.client.rpc_errors import Undecodable, from_rpc_error, or_undecodable
from gymwire.errors import GymwireError
from gymwire.server.operator_file import KnownServer, read_operator_files
from gymwire.server_address import parse_server_address
from gymwire.trusted_file import read_trusted_file
from gymwire.v1 import operator_pb2 as pb

_SERVICE = "/gymwire.v1.OperatorService/"
_DEADLINE_S = 10.0
_PROBE_S = 2.0
_FIELDS = ("handle", "env_id", "num_envs", "peer", "client", "age_ms", "idle_ms", "busy_ms", "attached", "calls")

M = TypeVar("M", bound=Message)


class OperatorClient:
    """
    Raises GymwireError with the server's code; UNSUPPORTED where the server has no operator's side; INVALID_ARGUMENT
    for a token that would leave this machine without TLS, unless `insecure`.
    """

    def __init__(self, address: str, token: str, ca: bytes | None = None, *, insecure: bool = False) -> None:
        parsed = parse_server_address(address, encrypts=ca is not None)
        refuse_readable_token(address, encrypts=ca is not None, insecure=insecure)
        self.address = parsed.text
        self._metadata = (("authorization", f"Bearer {token}"),)
        options = proxy_options(address)
        self._channel = (
            grpc.insecure_channel(parsed.target, options)
            if ca is None
            else grpc.secure_channel(parsed.target, grpc.ssl_channel_credentials(ca), options)
        )

    def list_sessions(self) -> pb.ListSessionsResponse:
        return self._call("ListSessions", pb.ListSessionsRequest(), pb.ListSessionsResponse)

    def end_session(self, handle: str) -> pb.SessionSummary:
        return self._call("EndSession", pb.EndSessionRequest(handle=handle), pb.EndSessionResponse).session

    def close(self) -> None:
        self._channel.close()

    def _call(self, name: str, request: Message, reply: type[M]) -> M:
        method = self._channel.unary_unary(
            _SERVICE + name, lambda message: message.SerializeToString(), or_undecodable(reply)
        )
        try:
            answer = method(request, timeout=_DEADLINE_S, metadata=self._metadata)
        except grpc.RpcError as error:
            found = from_rpc_error(error, f"{name} at {self.address}")
            if found.code == "NOT_GYMWIRE":
                message = f"the server at {self.address} has no operator's side: it was given no operator's token"
                raise GymwireError("UNSUPPORTED", message, origin=found.origin) from error
            raise found from error
        if isinstance(answer, Undecodable):
            message = f"{name} at {self.address}: {answer.reason}"
            raise GymwireError("MALFORMED", message, origin="transport")
        return answer


def servers_of_this_user() -> Iterator[KnownServer]:
    """Each that left a file, those that ended without a word too."""
    for known in read_operator_files():
        yield replace(known, address=_reachable(known.address))


def is_listening(address: str) -> bool:
    """At an address of this machine. False only where the system says that nothing does: what is slow is there."""
    parsed = parse_server_address(address, encrypts=False)
    try:
        if parsed.host is not None:
            socket.create_connection((parsed.host, parsed.port), _PROBE_S).close()
        elif parsed.path is not None and sys.platform != "win32":
            with socket.socket(socket.AF_UNIX) as probe:
                probe.settimeout(_PROBE_S)
                probe.connect(parsed.path)
    except (ConnectionRefusedError, FileNotFoundError):
        return False
    except OSError:
        return True
    return True


def token_for(address: str, token_file: str | None) -> str:
    """
    Out of the file, or what the server on this machine left.

    Raises GymwireError INVALID_ARGUMENT where neither is there.
    """
    if token_file is not None:
        return read_trusted_file("operator_token_file", token_file).decode("utf-8", "replace").strip()
    wanted = parse_server_address(address, encrypts=False).text
    for known in servers_of_this_user():
        if known.address == wanted:
            return known.token
    raise GymwireError(
        "INVALID_ARGUMENT",
        f"no operator's token for {address}: it is no server of this user on this machine; give --operator-token-file",
    )


def fields_of(summary: pb.SessionSummary) -> Mapping[str, Any]:
    return {name: getattr(summary, name) for name in _FIELDS if name != "num_envs" or summary.HasField("num_envs")}


def line_of(summary: pb.SessionSummary) -> str:
    """What comes from the client is shown as a JSON string: it may hold anything."""
    what, since_ms = ("busy", summary.busy_ms) if summary.busy_ms else ("idle", summary.idle_ms)
    copies = f" x {summary.num_envs}" if summary.HasField("num_envs") else ""
    attached = "attached" if summary.attached else "no stream"
    return (
        f"{summary.handle}  {summary.env_id}{copies}  {summary.age_ms / 1000:.0f} s old, "
        f"{what} for {since_ms / 1000:.1f} s, {attached}, {summary.calls} calls, from {summary.peer} "
        f"{json.dumps(summary.client)}"
    )


def _reachable(address: str) -> str:
    parsed = parse_server_address(address, encrypts=False)
    if parsed.host == "0.0.0.0":  # noqa: S104 -- what a server listens on
        return f"127.0.0.1:{parsed.port}"
    return f"[::1]:{parsed.port}" if parsed.host == "::" else address
