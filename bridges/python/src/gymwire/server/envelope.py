"""
Requests and replies as bytes. The server needs to know of a request what it is, whose and which number it has; the
values in it are decoded by the session's process, so that a message that takes long to decode delays that session only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeVar, cast

from google.protobuf.message import DecodeError, Message

from gymwire.errors import GymwireError
from gymwire.v1 import env_service_pb2 as pb

Kind = Literal["attach", "reset", "step", "render", "call", "read", "close"]

#: Requests that happen once at most.
NUMBERED = frozenset({"reset", "step", "call"})

_FIELDS = pb.InteractRequest.DESCRIPTOR.fields_by_name
_KINDS = {field.number: cast("Kind", name) for name, field in _FIELDS.items()}
KINDS = frozenset(_KINDS.values())
_LENGTH_DELIMITED = 2
#: The tag of each kind in an InteractRequest, and of its answer in an InteractResponse: their numbers are the same.
_TAGS = {kind: bytes([number << 3 | _LENGTH_DELIMITED]) for number, kind in _KINDS.items()}
_KINDS_BY_TAG = {tag[0]: kind for kind, tag in _TAGS.items()}

#: Of one message; there are no more than six.
_MAX_FIELDS = 64
_SESSION_ID, _SEQUENCE = 1, 2
_MAX_SMALL_BYTES = 2**18

M = TypeVar("M", bound=Message)


@dataclass(frozen=True)
class Request:
    """A ResetRequest, StepRequest, …, as it came."""

    kind: Kind
    body: bytes
    #: Of a reset, step or call; 0: none.
    sequence: int = 0
    session_id: str = ""
    #: The InteractRequest, where it came as one.
    whole: bytes | None = None

    @property
    def message(self) -> bytes:
        """The InteractRequest."""
        if self.whole is not None:
            return self.whole
        return _TAGS[self.kind] + _encode_varint(len(self.body)) + self.body


def read_interact_request(message: bytes) -> Request:
    """Raises GymwireError MALFORMED for what is no request; its values are looked at later."""
    usual = _KINDS_BY_TAG.get(message[0]) if message else None
    if usual is not None:
        length, start = _varint(message, 1)
        if start + length == len(message):
            return read_request(usual, message[start:], message)
    kind: Kind | None = None
    body = b""
    for number, start, end in _fields(message):
        found = _KINDS.get(number)
        if found is not None and start >= 0:
            # As every decoder does it: the last one counts, and two of a kind are one.
            body = message[start:end] if found != kind else body + message[start:end]
            kind = found
    if kind is None:
        raise GymwireError("MALFORMED", "expected an InteractRequest with a reset, step, render, call, read or close")
    return read_request(kind, body)


def read_request(kind: Kind, body: bytes, whole: bytes | None = None) -> Request:
    """
    Of a unary call, or of the InteractRequest `whole`. Raises GymwireError MALFORMED.

    Only the first fields are read: encoders write them by number. The session's process reads all, and does not carry
    out a request whose sequence number is another one than this.
    """
    sequence, session_id = 0, ""
    for number, start, end in _fields(body):
        if number == _SEQUENCE and start < 0 and kind in NUMBERED:
            sequence = end & 0xFFFFFFFF
        elif number == _SESSION_ID and start >= 0:
            session_id = _text(body[start:end])
        if number > _SEQUENCE or (number == _SEQUENCE and kind in NUMBERED):
            break
    return Request(kind, body, sequence, session_id, whole)


def decode_small(message_type: type[M], body: bytes) -> M:
    """
    What the server decodes itself: requests that hold no observations or actions.

    Raises GymwireError MALFORMED for what cannot be decoded, and for what is so large that others would have to wait.
    """
    if len(body) > _MAX_SMALL_BYTES:
        raise GymwireError("MALFORMED", f"expected a request of at most {_MAX_SMALL_BYTES} bytes, got {len(body)}")
    try:
        return message_type.FromString(body)
    except DecodeError as error:
        raise _undecodable(str(error)) from error


def is_reply(kind: str, reply: bytes) -> bool:
    """Whether an InteractResponse answers such a request."""
    return reply[:1] == _TAGS[cast("Kind", kind)]


def open_reply(reply: bytes) -> bytes:
    """The ResetResponse, StepResponse, … in an InteractResponse, as a unary call is answered."""
    length, at = _varint(reply, 1)
    return reply[at : at + length]


def _fields(data: bytes) -> Iterator[tuple[int, int, int]]:
    """A number, a start and an end of each field; of one that has no length, -1 and its value."""
    at = 0
    for _ in range(_MAX_FIELDS):
        if at == len(data):
            return
        tag, at = _varint(data, at)
        kind = tag & 7
        if kind == _LENGTH_DELIMITED:
            length, start = _varint(data, at)
            at = start + length
            yield _within(data, tag >> 3, start, at)
        elif kind == 0:
            value, at = _varint(data, at)
            yield tag >> 3, -1, value
        elif kind in {1, 5}:
            start, at = at, at + (8 if kind == 1 else 4)
            _within(data, tag >> 3, start, at)
        else:
            raise _undecodable(f"a field of the unknown type {kind}")
    if at < len(data):
        raise _undecodable(f"more than {_MAX_FIELDS} fields")


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _undecodable(f"a session id that is no UTF-8: {error.reason}") from error


def _within(data: bytes, number: int, start: int, end: int) -> tuple[int, int, int]:
    if number == 0:
        raise _undecodable("a field of number 0")
    if end > len(data):
        raise _undecodable(f"field {number} ends after the message")
    return number, start, end


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    for byte in data[at : at + 10]:
        value |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return value, at
        shift += 7
    raise _undecodable("a number that does not end")


def _encode_varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def _undecodable(what: str) -> GymwireError:
    return GymwireError("MALFORMED", f"a message that cannot be decoded: {what}")
