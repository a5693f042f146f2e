"""Errors with stable codes, and how they travel. See docs/protocol.md, "Errors"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from gymwire.v1 import error_pb2

#: Codes of the wire, each with the name of the gRPC status that carries it when a unary call fails.
STATUS_NAMES: Mapping[str, str] = {
    "VERSION_MISMATCH": "FAILED_PRECONDITION",
    "UNKNOWN_ENV": "NOT_FOUND",
    "UNKNOWN_ARGUMENT": "INVALID_ARGUMENT",
    "INVALID_ARGUMENT": "INVALID_ARGUMENT",
    "CAPACITY": "RESOURCE_EXHAUSTED",
    "SESSION_GONE": "NOT_FOUND",
    "SESSION_BUSY": "FAILED_PRECONDITION",
    "NOT_RESET": "FAILED_PRECONDITION",
    "BAD_ACTION": "INVALID_ARGUMENT",
    "NON_FINITE_ACTION": "INVALID_ARGUMENT",
    "ACTION_OUT_OF_BOUNDS": "OUT_OF_RANGE",
    "BAD_SEQUENCE": "FAILED_PRECONDITION",
    "ENV_FAILED": "ABORTED",
    "NON_FINITE_OBSERVATION": "DATA_LOSS",
    "UNSUPPORTED": "UNIMPLEMENTED",
    "UNAUTHENTICATED": "UNAUTHENTICATED",
    "SHUTTING_DOWN": "UNAVAILABLE",
    "MALFORMED": "INVALID_ARGUMENT",
    "INTERNAL": "INTERNAL",
}

#: Trailing metadata of a failed unary call: the whole error.
METADATA_KEY = "gymwire-error-bin"

_PREFIX = "ERROR_CODE_"

# Unary errors travel in HTTP/2 trailers, whose size peers limit.
_MAX_MESSAGE_LENGTH = 2000
_MAX_DETAIL_LENGTH = 200
# In logs; the text of an exception may be as long as it likes.
_MAX_EXCEPTION_LENGTH = 10_000


#: Who says that something failed. peer: the gymwire server, in a message of the protocol. transport: the way there: the
#: connection, a proxy, gRPC itself, a deadline, or an answer that is none of the protocol's. local: this side.
ErrorOrigin = Literal["peer", "transport", "local"]


class GymwireError(Exception):
    """
    An error with a stable `code`; the message says what was expected, what came and where. The same code may mean
    another thing, and ask for another remedy, from the server and from the way there: `origin` tells them apart.

    Beyond the codes of the wire, a client raises `SERVER_UNAVAILABLE`, `DEADLINE_EXCEEDED`, `CANCELLED`,
    `NOT_GYMWIRE` and `TLS_FAILED` for calls that no server answered, and `EPISODE_LOST` where a session was replaced.
    """

    def __init__(
        self,
        code: str,
        message: str,
        details: Mapping[str, str] | None = None,
        *,
        origin: ErrorOrigin = "local",
    ) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        #: Decide by this and the code, never by the message's words.
        self.origin: ErrorOrigin = origin
        self.details: dict[str, str] = dict(details or {})

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


def encode_error(error: GymwireError) -> error_pb2.Error:
    # Codes that only a client produces never reach the wire; should one try, it is the server's own fault.
    code = error.code if error.code in STATUS_NAMES else "INTERNAL"
    details = {_printable(str(key)): _shorten(str(value), _MAX_DETAIL_LENGTH) for key, value in error.details.items()}
    return error_pb2.Error(
        code=_PREFIX + code,
        message=_shorten(str(error.message), _MAX_MESSAGE_LENGTH),
        details=details,
    )


def decode_error(wire: error_pb2.Error, origin: ErrorOrigin = "peer") -> GymwireError:
    """What the peer says, unless it comes from elsewhere."""
    try:
        code = error_pb2.ErrorCode.Name(wire.code).removeprefix(_PREFIX)
    except ValueError:
        code = ""
    if code in STATUS_NAMES:
        return GymwireError(code, wire.message, dict(wire.details), origin=origin)
    message = f"{wire.message} (unknown error code {wire.code})"
    return GymwireError("INTERNAL", message, dict(wire.details), origin=origin)


def describe_exception(thrown: BaseException) -> str:
    """
    A simulator's own message, with the exception's type: `str(KeyError("x"))` alone would be `'x'`. Raises nothing.
    """
    try:
        text = _shorten(str(thrown), _MAX_EXCEPTION_LENGTH)
    except BaseException:  # noqa: BLE001 -- its own `__str__` may do anything
        text = "(its text cannot be read)"
    return f"{type(thrown).__name__}: {text}" if text else type(thrown).__name__


def safe_repr(value: Any) -> str:
    """`repr`, of a simulator's value, whose own `__repr__` may raise or write a book."""
    try:
        text = repr(value)
    except BaseException:  # noqa: BLE001 -- its own `__repr__` may do anything
        return f"<{type(value).__name__}>"
    return text if len(text) <= _MAX_DETAIL_LENGTH else f"{text[:_MAX_DETAIL_LENGTH]}…"


def _printable(text: str) -> str:
    """Protobuf refuses lone surrogates, which file names bring along."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _shorten(text: str, length: int) -> str:
    text = _printable(text)
    return text if len(text) <= length else f"{text[:length]}… ({len(text)} characters)"
