"""
A gRPC stream that is used by turns, one request and its answer: for that, no thread but the caller's is needed.

grpcio's own iterators have two, one that sends requests and one that hears answers, and both are woken several times
for each of them: nearly half of what a client does for a step. Calls that are unary run in their caller's thread in
grpcio itself, by the same parts that are used here for a stream. They are no public interface: where a later grpcio has
them otherwise, its iterators serve instead.
"""

from __future__ import annotations

import os
import threading
from queue import SimpleQueue
from typing import Any, Protocol

import grpc

from gymwire.serves_here import serves_here

_STATUSES = {status.value[0]: status for status in grpc.StatusCode}
_NO_FLAGS = 0


class StreamCall(Protocol):
    """Requests and answers are serialized. By one thread at a time, but for `cancel`."""

    def send(self, request: bytes) -> None:
        """`receive` waits for the answer, which must be there before the next request."""

    def receive(self) -> bytes | None:
        """None where the server has ended the stream, all being well; else raises grpc.RpcError."""

    def cancel(self) -> None:
        """By any thread, also while another one waits: that one is told so."""


class _CallEnded(grpc.RpcError):  # type: ignore[misc]
    def __init__(self, status: Any) -> None:
        super().__init__()
        self._status = status

    def code(self) -> grpc.StatusCode:
        return _STATUSES.get(self._status.code(), grpc.StatusCode.UNKNOWN)

    def details(self) -> str:
        return self._status.details() or ""

    def trailing_metadata(self) -> Any:
        return self._status.trailing_metadata()


class _OneThreadCall:
    def __init__(self, channel: Any, method: str, metadata: tuple[tuple[str, str], ...]) -> None:
        """Raises ImportError, AttributeError or TypeError where grpcio is another one than it was."""
        from grpc._cython import cygrpc

        self._parts = cygrpc
        self._is_status = cygrpc.OperationType.receive_status_on_client
        self._is_message = cygrpc.OperationType.receive_message
        first = (
            cygrpc.SendInitialMetadataOperation(metadata, _NO_FLAGS),
            cygrpc.ReceiveStatusOnClientOperation(_NO_FLAGS),
        )
        operations = [((part,), None) for part in (*first, cygrpc.ReceiveInitialMetadataOperation(_NO_FLAGS))]
        flags, context = cygrpc.PropagationConstants.GRPC_PROPAGATE_DEFAULTS, cygrpc.build_census_context()
        self._call = channel._channel.segregated_call(
            flags, method.encode(), None, None, metadata, None, operations, context, None
        )
        #: Batches of operations that have not come back. Without any, the call is freed, and must not be asked.
        self._due = len(operations)
        self._status: Any = None
        #: Held by who is in the call, also below a signal handler of the same thread: `cancel` leaves the rest to that.
        self._waits = threading.Lock()

    def send(self, request: bytes) -> None:
        sending = self._parts.SendMessageOperation(request, _NO_FLAGS)
        with self._waits:
            if self._status is None and self._due > 0:
                self._call.operate((sending, self._parts.ReceiveMessageOperation(_NO_FLAGS)), None)
                self._due += 1

    def receive(self) -> bytes | None:
        with self._waits:
            while self._due > 0:
                message = self._next_message()
                if message is not None:
                    return message
        if self._status is not None and self._status.code() != 0:
            raise _CallEnded(self._status)
        return None

    def cancel(self) -> None:
        self._call.cancel(grpc.StatusCode.CANCELLED.value[0], "cancelled by this client")
        # What is left is taken, at once, so that the call is freed. Who waits for it takes it itself.
        if self._waits.acquire(blocking=False):
            try:
                while self._due > 0:
                    self._next_message()
            finally:
                self._waits.release()

    def _next_message(self) -> bytes | None:
        try:
            event = self._call.next_event()
        except BaseException:
            # A signal, such as Ctrl-C: grpcio has freed the call.
            self._due = 0
            raise
        self._due -= 1
        message: bytes | None = None
        for part in event.batch_operations:
            kind = part.type()
            if kind == self._is_message:
                message = part.message()
            elif kind == self._is_status:
                self._status = part
        return message


class _IteratorCall:
    def __init__(self, channel: Any, method: str, metadata: tuple[tuple[str, str], ...]) -> None:
        self._requests: SimpleQueue[bytes | None] = SimpleQueue()
        self._call = channel.stream_stream(method)(iter(self._requests.get, None), metadata=metadata)

    def send(self, request: bytes) -> None:
        self._requests.put(request)

    def receive(self) -> bytes | None:
        return next(self._call, None)

    def cancel(self) -> None:
        self._requests.put(None)
        self._call.cancel()


def _is_open_to_forks() -> bool:
    """
    Where no thread waits in gRPC's core, its handlers of forks are run, and a child is as it should be; with a thread
    of iterators there, one child of ten crashed. Two cases are left to the iterators, with which they are no worse than
    ever: a server in this process, whose thread is there always, and grpcio's own support of forks, which somebody has
    asked for, and which waits for ever for calls that it did not make.
    """
    asked = os.environ.get("GRPC_ENABLE_FORK_SUPPORT", "").lower() in {"1", "t", "true", "y", "yes"}
    return not asked and not serves_here()


def open_stream(channel: Any, method: str, metadata: tuple[tuple[str, str], ...]) -> StreamCall:
    if not _is_open_to_forks():
        return _IteratorCall(channel, method, metadata)
    try:
        return _OneThreadCall(channel, method, metadata)
    except (ImportError, AttributeError, TypeError):
        return _IteratorCall(channel, method, metadata)
