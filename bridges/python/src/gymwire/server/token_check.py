"""Bearer tokens: every call but those of the health service must carry the clients' or the operator's."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Awaitable, Callable
from typing import Any

import grpc

from gymwire.errors import GymwireError
from gymwire.server.rpc_errors import abort

_OPEN_PREFIX = "/grpc.health.v1."
_OPERATOR_PREFIX = "/gymwire.v1.OperatorService/"
_SCHEME = b"bearer "


class TokenCheck(grpc.aio.ServerInterceptor):  # type: ignore[misc]
    """Each side has its own: the clients' token opens nothing of the operator's, and the other way round."""

    def __init__(self, token: bytes | None, operator_token: bytes | None) -> None:
        # Digests in constant time: how long a refusal takes says nothing of the token, nor of its length.
        self._digest = None if token is None else _digest(token)
        self._operator_digest = None if operator_token is None else _digest(operator_token)

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[grpc.RpcMethodHandler]],
        details: grpc.HandlerCallDetails,
    ) -> grpc.RpcMethodHandler:
        handler = await continuation(details)
        if handler is None or details.method.startswith(_OPEN_PREFIX):
            return handler
        is_operators = details.method.startswith(_OPERATOR_PREFIX)
        expected = self._operator_digest if is_operators else self._digest
        return handler if expected is None or _carries(details.invocation_metadata, expected) else _refusal(handler)


def _carries(metadata: Any, expected: bytes) -> bool:
    for key, value in metadata or ():
        if key.lower() == "authorization":
            given = value if isinstance(value, bytes) else value.encode("utf-8")
            is_bearer = given[: len(_SCHEME)].lower() == _SCHEME
            return hmac.compare_digest(_digest(given[len(_SCHEME) :]), expected) and is_bearer
    return False


def _digest(token: bytes) -> bytes:
    return hashlib.sha256(token).digest()


def _refusal(handler: grpc.RpcMethodHandler) -> grpc.RpcMethodHandler:
    async def refuse(_requests: Any, context: Any) -> None:
        await abort(
            context,
            GymwireError("UNAUTHENTICATED", "this server asks for a bearer token, and none or another one came"),
        )

    if handler.request_streaming and handler.response_streaming:
        return grpc.stream_stream_rpc_method_handler(refuse)
    if handler.response_streaming:
        return grpc.unary_stream_rpc_method_handler(refuse)
    if handler.request_streaming:
        return grpc.stream_unary_rpc_method_handler(refuse)
    return grpc.unary_unary_rpc_method_handler(refuse)
