"""gRPC's errors → GymwireError, the one place on this side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import grpc
from google.protobuf.message import DecodeError, Message

from gymwire.errors import METADATA_KEY, GymwireError, decode_error
from gymwire.v1 import error_pb2

M = TypeVar("M", bound=Message)

_CODES = {
    grpc.StatusCode.UNAVAILABLE: "SERVER_UNAVAILABLE",
    grpc.StatusCode.DEADLINE_EXCEEDED: "DEADLINE_EXCEEDED",
    grpc.StatusCode.CANCELLED: "CANCELLED",
    grpc.StatusCode.UNAUTHENTICATED: "UNAUTHENTICATED",
    grpc.StatusCode.RESOURCE_EXHAUSTED: "CAPACITY",
    grpc.StatusCode.UNIMPLEMENTED: "NOT_GYMWIRE",
}


@dataclass(frozen=True)
class Undecodable:
    """In the place of an answer: gRPC would call the error INTERNAL, and log it with its traceback."""

    reason: str


def or_undecodable(message_type: type[M]) -> Callable[[bytes], M | Undecodable]:
    def decode(answer: bytes) -> M | Undecodable:
        try:
            return message_type.FromString(answer)
        except DecodeError as error:
            return Undecodable(str(error))

    return decode


def from_rpc_error(error: Any, where: str) -> GymwireError:
    """
    What the server said of itself, with the origin `peer`; else what gRPC makes of the call, with `where` in the
    message and the origin `transport`.
    """
    for key, value in error.trailing_metadata() or ():
        if key == METADATA_KEY:
            try:
                return decode_error(error_pb2.Error.FromString(value))
            except DecodeError:
                break
    code = _CODES.get(error.code(), "INTERNAL")
    return GymwireError(code, f"{where}: {error.details() or error.code().name}", origin="transport")
