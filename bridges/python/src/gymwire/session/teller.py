"""What a session's process tells its server: replies, errors, and for the operator's log what it should know."""

from __future__ import annotations

from typing import BinaryIO

from google.protobuf.message import EncodeError, Message

from gymwire.errors import GymwireError, describe_exception, encode_error
from gymwire.session.blame import blamed, report
from gymwire.session.client_text import ClientText
from gymwire.session.frames import DONE, FAILED, NOTE, REPORT, STATES, write_reply
from gymwire.session.notes import Notes
from gymwire.session.part import PartFault
from gymwire.v1 import error_pb2

#: Codes that the log is told of: CAPACITY is a reply that is too large.
_SIMULATORS_FAULTS = {"ENV_FAILED", "NON_FINITE_OBSERVATION", "CAPACITY"}
#: More of a traceback nobody reads, and an exception's text may be as long as it likes.
_MAX_REPORT_LENGTH = 200_000


class Teller:
    def __init__(self, sink: BinaryIO, client_text: ClientText, max_message_bytes: int) -> None:
        self._sink = sink
        self._client_text = client_text
        self._max_message_bytes = max_message_bytes

    def serialized(self, reply: Message, what: str) -> bytes:
        """Raises GymwireError CAPACITY for a reply that no message can carry."""
        try:
            message = reply.SerializeToString()
            size = len(message)
        except EncodeError:
            # Protobuf's own limit is 2 GiB.
            message, size = b"", 2**31
        if size <= self._max_message_bytes:
            return message
        raise GymwireError(
            "CAPACITY",
            f"{what} has {size} bytes, and a message of this server has at most {self._max_message_bytes}: raise "
            "max_message_bytes of the server, and of its clients",
        )

    def done(self, reply: bytes) -> None:
        write_reply(self._sink, DONE, reply)

    def fail(self, error: GymwireError) -> None:
        write_reply(self._sink, FAILED, encode_error(error).SerializeToString())

    def last_notes(self, notes: Notes) -> None:
        """No outcome follows."""
        self.notes(notes)
        self._sink.flush()

    def notes(self, notes: Notes) -> None:
        for note in notes.take():
            write_reply(self._sink, NOTE, note.dump())

    def states(self, states: bytes) -> None:
        write_reply(self._sink, STATES, states)

    def blame(self, thrown: BaseException, where: str) -> GymwireError:
        """What the client is told; in the log before, where the simulator is to blame."""
        if isinstance(thrown, PartFault):
            # Told where it happened; here only handed on.
            if thrown.report:
                write_reply(self._sink, REPORT, thrown.report)
            return thrown
        error = _coded(thrown, where)
        if error.code in _SIMULATORS_FAULTS:
            text = f"{error.code}: {error.message}\n{report(error, with_message=True)}"
            if self._client_text.is_in(text):
                without = report(error, with_message=False)
                text = f"{error.code} (its message is at the level debug)\n{without}"
            write_reply(self._sink, REPORT, text[:_MAX_REPORT_LENGTH].encode("utf-8", "backslashreplace"))
        return blamed(error)

    def fault(self, thrown: BaseException, where: str) -> error_pb2.Error:
        """As `blame`, for an answer that holds it."""
        return encode_error(self.blame(thrown, where))


def _coded(thrown: BaseException, where: str) -> GymwireError:
    if isinstance(thrown, GymwireError):
        return thrown
    error = GymwireError("ENV_FAILED", f"{where}{describe_exception(thrown)}")
    error.__cause__ = thrown
    return error
