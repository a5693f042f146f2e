"""
grpc.health.v1, which needs no token: nothing of what it is sent is kept, and what it holds open has an end. The
reference implementation keeps every name that is watched, of whatever size.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import grpc
from google.protobuf.message import DecodeError
from grpc_health.v1 import health_pb2

from gymwire.errors import GymwireError
from gymwire.server.rooms import Rooms
from gymwire.server.rpc_errors import Context, abort, send
from gymwire.server.shares import Shares

_MAX_REQUEST_BYTES = 256
_REQUEST_TIMEOUT_S = 10.0
#: Of one connection; each may be as large as a message may be.
_REQUESTS_AT_ONCE = 1
#: Checks and watches that are open, of all connections; and of each, if there are so many.
_CALLS = 512
_FEW = 4

_Status = health_pb2.HealthCheckResponse


class HealthService:
    def __init__(self, *names: str) -> None:
        """:param names: of services, beside that of the server as a whole, which is empty"""
        self._names = {"", *names}
        self._ending = asyncio.Event()
        self._shares = Shares(_CALLS, _FEW)
        self._rooms = Rooms(_REQUESTS_AT_ONCE)

    def handlers(self) -> grpc.GenericRpcHandler:
        methods = {
            "Check": grpc.stream_stream_rpc_method_handler(self._check),
            "Watch": grpc.stream_stream_rpc_method_handler(self._watch),
        }
        return grpc.method_handlers_generic_handler("grpc.health.v1.Health", methods)

    def end(self) -> None:
        """All services are NOT_SERVING from now on."""
        self._ending.set()

    async def _check(self, _requests: Any, context: Context) -> None:
        async with self._place(context):
            name = await self._name(context)
            if name not in self._names:
                await context.abort(grpc.StatusCode.NOT_FOUND, "no such service")
            await send(context, _Status(status=self._status).SerializeToString())

    async def _watch(self, _requests: Any, context: Context) -> None:
        async with self._place(context):
            is_known = await self._name(context) in self._names
            told = self._status if is_known else _Status.SERVICE_UNKNOWN
            await send(context, _Status(status=told).SerializeToString())
            await self._ending.wait()
            if is_known and told != self._status:
                await send(context, _Status(status=self._status).SerializeToString())
            # As long as the client listens, or the server stands.
            await asyncio.get_running_loop().create_future()

    @property
    def _status(self) -> health_pb2.HealthCheckResponse.ServingStatus:
        return _Status.NOT_SERVING if self._ending.is_set() else _Status.SERVING

    @contextlib.asynccontextmanager
    async def _place(self, context: Context) -> AsyncIterator[None]:
        peer = context.peer()
        if not self._shares.take(peer):
            await abort(context, GymwireError("CAPACITY", f"{len(self._shares)} calls ask for this server's health"))
        try:
            yield
        finally:
            self._shares.leave(peer)

    async def _name(self, context: Context) -> str:
        """What is asked for. Ends the call for a request that does not come, or is none."""
        async with self._rooms.one_in(context.peer()):
            try:
                message = await asyncio.wait_for(context.read(), _REQUEST_TIMEOUT_S)
            except asyncio.TimeoutError:
                message = grpc.aio.EOF
        if message is grpc.aio.EOF:
            await abort(context, GymwireError("MALFORMED", "expected one request, and none came in time"))
        if len(message) > _MAX_REQUEST_BYTES:
            # Not kept in this frame, which the error below refers to.
            message = b""
            await abort(
                context,
                GymwireError(
                    "MALFORMED", f"expected a request of at most {_MAX_REQUEST_BYTES} bytes: a service's name"
                ),
            )
        try:
            name: str = health_pb2.HealthCheckRequest.FromString(message).service
        except DecodeError as error:
            await abort(context, GymwireError("MALFORMED", f"a request that cannot be decoded: {error}"))
            raise
        return name
