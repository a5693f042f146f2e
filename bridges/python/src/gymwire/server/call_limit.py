"""Calls that are open at a time. gRPC's own limit for all connections is filled by one client, which then is alone."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import grpc

from gymwire.errors import GymwireError
from gymwire.server.rpc_errors import abort
from gymwire.server.shares import Shares

#: Of all connections, beside the streams of sessions.
_OTHER_CALLS = 1024
#: What every connection may have open, however many others are.
_FEW = 4
#: Who asks whether a full server is healthy, and its operator, are not among those that fill it.
_RESERVED = ("/grpc.health.v1.", "/gymwire.v1.OperatorService/")


class CallLimit(grpc.aio.ServerInterceptor):  # type: ignore[misc]
    """All handlers of this server are of streams, so that a call counts from its first frame on."""

    def __init__(self, max_sessions: int) -> None:
        self._shares = Shares(max_sessions + _OTHER_CALLS, _FEW)

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[grpc.RpcMethodHandler]],
        details: grpc.HandlerCallDetails,
    ) -> grpc.RpcMethodHandler:
        handler = await continuation(details)
        if handler is None or handler.stream_stream is None or details.method.startswith(_RESERVED):
            return handler
        return grpc.stream_stream_rpc_method_handler(
            self._counted(handler.stream_stream), handler.request_deserializer, handler.response_serializer
        )

    def _counted(self, serve: Callable[..., Any]) -> Callable[[Any, Any], Any]:
        async def answer(requests: Any, context: Any) -> None:
            peer = await self._admit(context)
            try:
                await serve(requests, context)
            finally:
                self._shares.leave(peer)

        async def generate(requests: Any, context: Any) -> AsyncIterator[Any]:
            peer = await self._admit(context)
            try:
                async for reply in serve(requests, context):
                    yield reply
            finally:
                self._shares.leave(peer)

        return generate if inspect.isasyncgenfunction(serve) else answer

    async def _admit(self, context: Any) -> str:
        """The connection, which has a place. Ends the call where there is none."""
        peer: str = context.peer()
        if not self._shares.take(peer):
            full = (
                f"{len(self._shares)} calls are open at this server, and {_FEW} or more of them are this connection's"
            )
            await abort(context, GymwireError("CAPACITY", full))
        return peer
