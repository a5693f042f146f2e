"""
The RPCs. All are handled as streams of bytes, which the wire does not show: so a message is asked for when there is
room for it, is decoded where it costs its own session only, and a reply counts until it has been sent.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from urllib.parse import unquote

import grpc

from gymwire.errors import GymwireError
from gymwire.server.envelope import Kind, decode_small, open_reply, read_request
from gymwire.server.quiet_log import quiet_log
from gymwire.server.rooms import Rooms
from gymwire.server.rpc_errors import Context, abort, send, to_gymwire_error
from gymwire.server.session_store import Origin, SessionStore
from gymwire.server.stream import Stream
from gymwire.v1 import env_service_pb2 as pb
from gymwire.version import PACKAGE_VERSION, PROTOCOL_MAJOR, PROTOCOL_MINOR

SERVICE_NAME = "gymwire.v1.EnvService"

# A call whose request does not come serves nobody.
_REQUEST_TIMEOUT_S = 30.0
# Of one connection: requests that come in at the same time, each of which may be as large as a message may be.
_REQUESTS_AT_ONCE = 4
_MAX_CLIENT_LENGTH = 200


class EnvService:
    def __init__(self, store: SessionStore) -> None:
        self._store = store
        self._streams: set[Stream] = set()
        self._rooms = Rooms(_REQUESTS_AT_ONCE)

    def handlers(self) -> grpc.GenericRpcHandler:
        plain: dict[str, Callable[[bytes, Context], Awaitable[bytes]]] = {
            "Handshake": self._handshake,
            "ListEnvs": self._list_envs,
            "CloseSession": self._close_session,
        }
        methods = {name: grpc.stream_stream_rpc_method_handler(self.unary(handle)) for name, handle in plain.items()}
        kinds: dict[str, Kind] = {
            "Reset": "reset",
            "Step": "step",
            "Render": "render",
            "CallMethod": "call",
            "ReadAttribute": "read",
        }
        for name, kind in kinds.items():
            methods[name] = grpc.stream_stream_rpc_method_handler(self._session_call(kind))
        methods["MakeSession"] = grpc.stream_stream_rpc_method_handler(self._make_session)
        methods["Interact"] = grpc.stream_stream_rpc_method_handler(self._interact)
        return grpc.method_handlers_generic_handler(SERVICE_NAME, methods)

    def end_streams(self, error: GymwireError) -> None:
        """Ends every stream, after the request that is under way was answered."""
        for stream in list(self._streams):
            stream.end(error, at_once=False)

    async def _interact(self, _requests: Any, context: Context) -> None:
        stream = Stream(self._store, context)
        self._streams.add(stream)
        try:
            await stream.serve()
        finally:
            self._streams.discard(stream)

    def unary(self, handle: Callable[[bytes, Context], Awaitable[bytes]]) -> Callable[[Any, Context], Awaitable[None]]:
        """A handler of a function of bytes."""

        async def answer(_requests: Any, context: Context) -> None:
            async with _coded(context):
                await send(context, await handle(await self._request(context), context))

        return answer

    def _session_call(self, kind: Kind) -> Callable[[Any, Context], Awaitable[None]]:
        async def answer(_requests: Any, context: Context) -> None:
            async with _coded(context):
                request = read_request(kind, await self._request(context))
                with self._store.using(request.session_id) as session:
                    reply = open_reply(await session.request(request))
                    session.hold(len(reply))
                    try:
                        await send(context, reply)
                    finally:
                        session.hold(-len(reply))

        return answer

    async def _make_session(self, _requests: Any, context: Context) -> None:
        async with _coded(context):
            request = decode_small(pb.MakeSessionRequest, await self._request(context))
            session = await self._store.make(request, _origin_of(context))
            try:
                await send(context, session.description.SerializeToString())
            except BaseException:
                # Nobody learns its id.
                await self._store.close(session.id)
                raise

    async def _request(self, context: Context) -> bytes:
        """The message of a unary call. Raises GymwireError MALFORMED when none comes."""
        async with self._rooms.one_in(context.peer()):
            try:
                message = await asyncio.wait_for(context.read(), _REQUEST_TIMEOUT_S)
            except asyncio.TimeoutError:
                raise GymwireError("MALFORMED", "the request did not come in time") from None
        if message is grpc.aio.EOF:
            raise GymwireError("MALFORMED", "expected one request, got none")
        return message

    async def _handshake(self, message: bytes, _context: Context) -> bytes:
        request = decode_small(pb.HandshakeRequest, message)
        theirs = request.protocol_version
        quiet_log.debug(f"handshake of {request.client}")
        if theirs.major != PROTOCOL_MAJOR:
            raise GymwireError(
                "VERSION_MISMATCH",
                f"the client {request.client} speaks protocol {theirs.major}.{theirs.minor}, this server "
                f"(gymwire for Python {PACKAGE_VERSION}) {PROTOCOL_MAJOR}.{PROTOCOL_MINOR}",
            )
        return pb.HandshakeResponse(
            protocol_version=pb.ProtocolVersion(major=PROTOCOL_MAJOR, minor=PROTOCOL_MINOR),
            server=f"gymwire-python/{PACKAGE_VERSION}",
            capabilities=["vector", "render", "reattach", "take-over", "calls", "step-seeds", "batch"],
            max_message_bytes=self._store.options.max_message_bytes,
            max_num_envs=self._store.options.max_num_envs,
            capacity=self._store.options.capacity,
            free_envs=self._store.free_envs,
        ).SerializeToString()

    async def _list_envs(self, message: bytes, _context: Context) -> bytes:
        decode_small(pb.ListEnvsRequest, message)
        return self._store.registry.list()

    async def _close_session(self, message: bytes, _context: Context) -> bytes:
        await self._store.close(decode_small(pb.CloseSessionRequest, message).session_id)
        return pb.CloseSessionResponse().SerializeToString()


def _origin_of(context: Context) -> Origin:
    """ "ipv6:%5B::1%5D:5000" is "[::1]:5000"."""
    peer = unquote(context.peer()).removeprefix("ipv4:").removeprefix("ipv6:")
    agent = next((value for key, value in context.invocation_metadata() or () if key == "user-agent"), "")
    return Origin(peer, agent[:_MAX_CLIENT_LENGTH])


@contextlib.asynccontextmanager
async def _coded(context: Context) -> AsyncIterator[None]:
    """Every failure of a unary call becomes a status."""
    try:
        yield
        return
    except Exception as thrown:  # noqa: BLE001
        error = to_gymwire_error(thrown)
    await abort(context, error)
