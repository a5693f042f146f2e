"""
The client's end of the hot path: one session, and the stream that is attached to it now. A connection that breaks is
opened anew, and the request whose reply is missing sent again with its number: the server carries it out once.
"""

from __future__ import annotations

import atexit
import contextlib
import math
import os
import random
import threading
import time
import weakref
from typing import Any

import grpc

from gymwire.client.connection import Connection
from gymwire.client.rpc_errors import Undecodable, from_rpc_error, or_undecodable
from gymwire.errors import GymwireError, decode_error
from gymwire.sequence import next_sequence
from gymwire.v1 import env_service_pb2 as pb
from gymwire.v1 import value_pb2

_FIRST_BACKOFF_S = 0.05
_LONGEST_BACKOFF_S = 5.0
LONGEST_CLOSE_S = 5.0
_decode = or_undecodable(pb.InteractResponse)


class _Broken(Exception):  # noqa: N818 -- a turn of events that may yet be mended
    """The stream is of no more use; the session may be."""

    def __init__(self, reason: GymwireError) -> None:
        super().__init__(reason)
        self.reason = reason


class _Stream:
    """One gRPC stream. A watchdog cancels it when a response does not come in time."""

    def __init__(self, connection: Connection) -> None:
        self._where = f"the session at {connection.address}"
        self._deadline_ms = connection.options.deadline_ms
        self._call = connection.interact()
        self._turn = threading.RLock()
        #: Of the answer that is waited for; None: of none.
        self._deadline: float | None = None
        self._is_late = False
        #: Attached, and what comes next on it is the answer to what is asked next.
        self.is_usable = False
        self._over = threading.Event()
        _open_streams.add(self)
        threading.Thread(target=self._watch, name="gymwire-watchdog", daemon=True).start()

    def exchange(self, request: pb.InteractRequest, longest_s: float = math.inf) -> pb.InteractResponse:
        """Raises _Broken, or what the server ended the stream with. An answer that is not waited for is given up."""
        with self._turn:
            if self._deadline is not None:
                message = f"{self._where}: a signal handler asks while what it has interrupted waits for an answer"
                raise GymwireError("SESSION_BUSY", message, origin="local")
            self._deadline = time.monotonic() + min(self._deadline_ms / 1000, longest_s)
            try:
                self._call.send(request.SerializeToString())
                answer = self._call.receive()
            except grpc.RpcError as error:
                raise self._reason(error) from None
            except BaseException:
                # Ctrl-C in a notebook: the next request would be taken for answered by this one's answer.
                self.end()
                raise
            finally:
                self._deadline = None
        if answer is None:
            message = f"{self._where}: its stream ended"
            raise _Broken(GymwireError("SERVER_UNAVAILABLE", message, origin="transport"))
        response = _decode(answer)
        if isinstance(response, Undecodable):
            self.end()
            message = f"{self._where}: the answer cannot be decoded: {response.reason}"
            raise GymwireError("MALFORMED", message, origin="transport")
        return response

    @property
    def is_asked(self) -> bool:
        """Somebody waits for an answer."""
        return self._deadline is not None

    def say_goodbye(self) -> bool:
        """Closes the session, and does not wait for the answer. Whether there will be one."""
        if not self.is_usable or self._deadline is not None:
            # Broken, or another thread waits for an answer.
            return False
        self._call.send(pb.InteractRequest(close=pb.CloseSessionRequest()).SerializeToString())
        return True

    def wait_for_goodbye(self, give_up: float) -> None:
        self._deadline = give_up
        with contextlib.suppress(grpc.RpcError):
            self._call.receive()

    def end(self) -> None:
        """Sends nothing more, and lets the server end it."""
        self.is_usable = False
        self._over.set()
        self._call.cancel()

    def _reason(self, error: Any) -> Exception:
        if self._is_late:
            message = f"{self._where}: no answer within {self._deadline_ms} ms; raise deadline_ms if it is that slow"
            return _Broken(GymwireError("DEADLINE_EXCEEDED", message, origin="transport"))
        found = from_rpc_error(error, self._where)
        # A server that ends tells so, and may come back. What else it says is its answer.
        if found.origin == "peer":
            return _Broken(found) if found.code == "SHUTTING_DOWN" else found
        if found.code == "CAPACITY":
            # A message above the limit of either side stays so, however often it is sent.
            self.end()
            return found
        return _Broken(found)

    def _watch(self) -> None:
        # One thread that looks now and then, instead of a timer for each message.
        while not self._over.wait(min(0.25, self._deadline_ms / 4000)):
            deadline = self._deadline
            if deadline is not None and time.monotonic() > deadline:
                self._is_late = True
                self._call.cancel()
                return


# At the end of the interpreter, threads that hold a lock of gRPC are stopped, and the finalizer of a call waits for
# that lock for ever. So all calls are over, and the threads with them, before the interpreter begins to end.
_open_streams: weakref.WeakSet[_Stream] = weakref.WeakSet()
_LAST_WAIT_S = 5.0


@atexit.register
def _end_streams() -> None:
    """Their sessions end with this program, which alone knows their ids."""
    give_up = time.monotonic() + _LAST_WAIT_S
    streams = list(_open_streams)
    for stream in [stream for stream in streams if stream.say_goodbye()]:
        stream.wait_for_goodbye(give_up)
    for stream in streams:
        stream.end()
    give_up = time.monotonic() + _LAST_WAIT_S
    for thread in threading.enumerate():
        # What gRPC calls its threads that serve a channel or send a call's requests.
        if thread.daemon and thread.name.endswith("(_run)"):
            thread.join(max(0.0, give_up - time.monotonic()))


if hasattr(os, "register_at_fork"):
    # The parent's are not this process's to end.
    os.register_at_fork(after_in_child=_open_streams.clear)


class Patience:
    """How long one request is tried again, from the first break to its answer."""

    def __init__(self, connection: Connection) -> None:
        self._timeout_s = connection.options.reconnect_timeout_ms / 1000
        self._give_up: float | None = None
        self._backoff_s = 0.0

    def pause(self, reason: GymwireError) -> None:
        """Before each attempt; not before the first. Raises the reason when the time is up."""
        now = time.monotonic()
        if self._give_up is None:
            self._give_up = now + self._timeout_s
        elif now + self._backoff_s >= self._give_up:
            raise reason from None
        # Not for anything that repeats: clients of one server should not all come back at once. Its generator asks the
        # system for a seed, which a request that nothing happens to does not wait for.
        time.sleep(self._backoff_s * random.Random().uniform(0.5, 1.0))  # noqa: S311 -- no secret
        self._backoff_s = min(max(_FIRST_BACKOFF_S, 2 * self._backoff_s), _LONGEST_BACKOFF_S)


class SessionStream:
    def __init__(self, connection: Connection, session_id: str) -> None:
        self._connection = connection
        self._session_id = session_id
        #: Of the last reset or step that was answered.
        self._sequence = 0
        #: Resets and steps since then whose answers did not come: any of them may have been carried out.
        self._unanswered = 0
        self._stream = _Stream(connection)
        try:
            self._attach(take_over=False)
        except _Broken as broken:
            self._stream.end()
            raise broken.reason from None
        except BaseException:
            self._stream.end()
            raise

    def reset(self, request: pb.ResetRequest) -> pb.ResetResponse:
        """Raises the server's GymwireError, or that of a connection that did not come back."""
        return self._numbered(request, "reset").reset

    def step(self, request: pb.StepRequest) -> pb.StepResponse:
        """As `reset`."""
        return self._numbered(request, "step").step

    def render(self, env_index: int) -> value_pb2.Tensor:
        request = pb.InteractRequest(render=pb.RenderRequest(env_index=env_index))
        return self._checked(self._request(request), "render").render.frame

    def call(self, request: pb.CallMethodRequest) -> pb.CallMethodResponse:
        """As `reset`. What a method fails with is in the response: it has been called."""
        return self._numbered(request, "call").call

    def read(self, request: pb.ReadAttributeRequest) -> pb.ReadAttributeResponse:
        return self._checked(self._request(pb.InteractRequest(read=request)), "read").read

    def close(self, patience_s: float = math.inf) -> None:
        """Closes the session and the stream. Closing what is gone does nothing."""
        with contextlib.suppress(_Broken, GymwireError):
            if self._stream.is_usable and not self._stream.is_asked:
                self._stream.exchange(pb.InteractRequest(close=pb.CloseSessionRequest()), patience_s)
            else:
                # The server may be gone, or its simulator may hang, or this is a signal handler: told, but not waited
                # for as for a reset.
                self._connection.close_session(self._session_id, LONGEST_CLOSE_S)
        self._stream.end()

    def abandon(self) -> None:
        """Ends the stream of a session that is gone."""
        self._stream.end()

    def _numbered(self, request: Any, kind: str) -> pb.InteractResponse:
        """
        With the next number, and so carried out once at most. After a request that was given up (Ctrl-C, a deadline)
        the next number is not known: then without one, which is never repeated, and the answer tells.
        """
        request.sequence = 0 if self._unanswered else next_sequence(self._sequence)
        self._unanswered += 1
        response = self._request(pb.InteractRequest(**{kind: request}), may_repeat=request.sequence != 0)
        if response.WhichOneof("response") == "error":
            # A request that fails takes no number; what became of those before it is not known any better.
            self._unanswered -= 1
        answer = getattr(self._checked(response, kind), kind)
        self._sequence, self._unanswered = answer.sequence, 0
        return response

    def _request(self, request: pb.InteractRequest, *, may_repeat: bool = True) -> pb.InteractResponse:
        patience = Patience(self._connection)
        if not self._stream.is_usable:
            message = f"the session at {self._connection.address} broke"
            gone = GymwireError("SERVER_UNAVAILABLE", message, origin="transport")
            self._come_back(gone, patience)
        had_deadline = False
        while True:
            try:
                return self._stream.exchange(request)
            except _Broken as broken:
                is_late = broken.reason.code == "DEADLINE_EXCEEDED"
                if not may_repeat or (is_late and had_deadline):
                    self._stream.end()
                    raise broken.reason from None
                had_deadline = is_late
                self._come_back(broken.reason, patience)

    def _checked(self, response: pb.InteractResponse, kind: str) -> pb.InteractResponse:
        got = response.WhichOneof("response")
        if got == "error":
            raise decode_error(response.error)
        if got != kind:
            message = f"{self._connection.address} answered a {kind} with {got or 'nothing'}"
            raise GymwireError("MALFORMED", message, origin="transport")
        return response

    def _attach(self, *, take_over: bool) -> None:
        attach = pb.AttachRequest(session_id=self._session_id, take_over=take_over)
        response = self._checked(self._stream.exchange(pb.InteractRequest(attach=attach)), "attach")
        expected = [self._sequence]
        for _ in range(self._unanswered):
            expected.append(next_sequence(expected[-1]))
        if response.attach.last_sequence not in expected:
            raise GymwireError(
                "SESSION_BUSY",
                f"the session at {self._connection.address} is at request {response.attach.last_sequence}, this "
                f"client at {self._sequence}: somebody else uses it",
            )
        self._stream.is_usable = True

    def _come_back(self, reason: GymwireError, patience: Patience) -> None:
        """Opens a new stream on a new connection, again and again until the time is up."""
        self._stream.end()
        while True:
            patience.pause(reason)
            try:
                self._stream.end()
                self._connection.renew()
                self._stream = _Stream(self._connection)
                self._attach(take_over=True)
            except _Broken as broken:
                reason = broken.reason
            else:
                return
