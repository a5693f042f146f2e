"""
What travels between the server and a session's process: frames over pipes, with messages of the wire as bytes.

Of the server: a length, a sequence number, an InteractRequest. Of the process: a length, an outcome, and an
InteractResponse, or an Error; before them, text for the server's log where there is something to tell. Nothing is
unpickled but the operator's own factory, once, when the process starts. It comes first, then what to make, then the
rules that replies are held to.
"""

from __future__ import annotations

import struct
from typing import IO, BinaryIO

REQUEST_HEADER = struct.Struct("<II")
REPLY_HEADER = struct.Struct("<IB")

#: The payload of a frame that says that the client's stream has ended. It has no reply.
DETACH = b""

#: Of a session's process to a part of it, which has found that what it was asked to call can be called: now it does.
#: No message begins with such a byte.
GO = b"\0"

#: What a pipe holds on Linux. Frames of this size are read and written at once: in two pieces, they would wake the
#: other end twice.
PIPE_BYTES = 2**16

#: A sequence number and a payload.
Frame = tuple[int, bytes]

#: Outcomes.
DONE = 0
FAILED = 1
#: No outcome yet: a line for the operator's log, and more lines of details.
REPORT = 2
#: No outcome yet: a `Note`, which the operator's log has once.
NOTE = 3
#: No outcome yet: of a part of a session, a byte for each environment, see `slot_state`.
STATES = 4


def read_request(source: BinaryIO) -> Frame | None:
    """The sequence number and the payload; None at the end of the pipe, also in the middle of a frame."""
    header = source.read(REQUEST_HEADER.size)
    if len(header) < REQUEST_HEADER.size:
        return None
    length, sequence = REQUEST_HEADER.unpack(header)
    payload = source.read(length)
    return (sequence, payload) if len(payload) == length else None


def read_reply(source: IO[bytes] | None) -> tuple[int, bytes] | None:
    """The outcome and the payload; None at the end of the pipe, also in the middle of a frame."""
    header = b"" if source is None else source.read(REPLY_HEADER.size)
    if source is None or len(header) < REPLY_HEADER.size:
        return None
    length, outcome = REPLY_HEADER.unpack(header)
    payload = source.read(length)
    return (outcome, payload) if len(payload) == length else None


def write_reply(sink: BinaryIO, outcome: int, payload: bytes) -> None:
    """
    What is no outcome waits for the outcome that follows, or for a `flush`: each write wakes the other end, which can
    do nothing yet.
    """
    sink.write(REPLY_HEADER.pack(len(payload), outcome))
    sink.write(payload)
    if outcome in (DONE, FAILED):
        sink.flush()


def request_frame(sequence: int, payload: bytes) -> bytes:
    return REQUEST_HEADER.pack(len(payload), sequence) + payload
