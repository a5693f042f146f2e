"""Bearer tokens: every call but those of the health service must carry the server's."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Awaitable, Callable
from typing import Any

import grpc

from gymwire.errors import GymwireError
from gymwire.server.rpc_errors import abort

_OPEN_PREFIX = "/grpc.health.v1."
_SCHEME = b"bearer "


class TokenCheck(grpc.aio.ServerInterceptor):  # type: ignore[misc]
    def __init__(self, token: bytes) -> None:
        # Digests in constant time: how long a refusal takes says nothing of the token, nor of its length.
        self._digest = _digest(token)

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[grpc.RpcMethodHandler]],
        details: grpc.HandlerCallDetails,
    ) -> grpc.RpcMethodHandler:
        handler = await continuation(details)
        if handler is None or details.method.startswith(_OPEN_PREFIX) or self._allows(details.invocation_metadata):
            return handler
        return _refusal(handler)

    def _allows(self, metadata: Any) -> bool:
        for key, value in metadata or ():
            if key.lower() == "authorization":
                given = value if isinstance(value, bytes) else value.encode("utf-8")
                is_bearer = given[: len(_SCHEME)].lower() == _SCHEME
                return hmac.compare_digest(_digest(given[len(_SCHEME) :]), self._digest) and is_bearer
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
