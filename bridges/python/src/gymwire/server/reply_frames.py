"""Frames out of what a session's process writes, in whatever pieces it comes."""

from __future__ import annotations

from gymwire.session.frames import DONE, FAILED, NOTE, REPLY_HEADER, REPORT

_HEADER_BYTES = REPLY_HEADER.size


class NoFrameError(Exception):
    """What came is none: somebody else wrote into the pipe."""


class ReplyFrames:
    def __init__(self, longest: int) -> None:
        """:param longest: payload, in bytes; a longer one is no frame"""
        self._longest = longest
        self._data: bytes | bytearray = b""

    def __len__(self) -> int:
        """Bytes that wait to be taken."""
        return len(self._data)

    def feed(self, data: bytes) -> None:
        if not self._data:
            # A reply mostly comes in one piece, which is cut and not copied together.
            self._data = data
            return
        if not isinstance(self._data, bytearray):
            self._data = bytearray(self._data)
        self._data += data

    def take(self) -> tuple[int, bytes] | None:
        """An outcome and a payload; None where more must come first. Raises NoFrameError."""
        data = self._data
        if len(data) < _HEADER_BYTES:
            return None
        length, outcome = REPLY_HEADER.unpack_from(data)
        if outcome not in (DONE, FAILED, REPORT, NOTE) or length > self._longest:
            raise NoFrameError
        end = _HEADER_BYTES + length
        if len(data) < end:
            return None
        payload = bytes(memoryview(data)[_HEADER_BYTES:end])
        if len(data) == end:
            self._data = b""
        elif isinstance(data, bytearray):
            del data[:end]
        else:
            self._data = data[end:]
        return outcome, payload
