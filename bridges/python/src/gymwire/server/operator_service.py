"""The operator's RPCs: which sessions there are, and an end for one. See docs/protocol.md, "The operator's side"."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import grpc

from gymwire.errors import GymwireError
from gymwire.server.envelope import decode_small
from gymwire.server.rpc_errors import Context
from gymwire.server.session_store import SessionStore
from gymwire.v1 import operator_pb2 as pb

OPERATOR_SERVICE_NAME = "gymwire.v1.OperatorService"

Handle = Callable[[bytes, Context], Awaitable[bytes]]
Unary = Callable[[Handle], Callable[[Any, Context], Awaitable[None]]]


class OperatorService:
    def __init__(
        self, store: SessionStore, unary: Callable[[Handle], Callable[[Any, Context], Awaitable[None]]]
    ) -> None:
        """:param unary: makes an RPC's handler of a function of bytes"""
        self._store = store
        self._unary = unary

    def handlers(self) -> grpc.GenericRpcHandler:
        methods = {"ListSessions": self._list_sessions, "EndSession": self._end_session}
        return grpc.method_handlers_generic_handler(
            OPERATOR_SERVICE_NAME,
            {name: grpc.stream_stream_rpc_method_handler(self._unary(handle)) for name, handle in methods.items()},
        )

    async def _list_sessions(self, message: bytes, _context: Context) -> bytes:
        decode_small(pb.ListSessionsRequest, message)
        return pb.ListSessionsResponse(
            sessions=self._store.summaries(), max_sessions=self._store.options.max_sessions
        ).SerializeToString()

    async def _end_session(self, message: bytes, _context: Context) -> bytes:
        handle = decode_small(pb.EndSessionRequest, message).handle
        reason = GymwireError("SESSION_GONE", "the operator of the server ended this session", {"ended_by": "operator"})
        return pb.EndSessionResponse(session=await self._store.end(handle, reason)).SerializeToString()
