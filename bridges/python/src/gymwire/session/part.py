"""Some of a session's environments in a process of their own, which the session's process asks as a server asks it."""

from __future__ import annotations

import contextlib
import faulthandler
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence

from gymwire.errors import GymwireError, decode_error
from gymwire.session.boot import boot_command
from gymwire.session.frames import DETACH, FAILED, GO, NOTE, PIPE_BYTES, REPORT, STATES, read_reply, request_frame
from gymwire.session.notes import Note, Notes
from gymwire.session.slot_state import DistantState, states_differ
from gymwire.v1 import env_service_pb2 as pb
from gymwire.v1 import error_pb2

#: How long a dying process may take to be dead.
_LAST_MOMENT_S = 5.0


class PartFault(GymwireError):  # noqa: N818 -- the part's own error, handed on
    """With what the operator's log is told of it; it says already which line is to blame."""

    def __init__(self, error: GymwireError, report: bytes) -> None:
        super().__init__(error.code, error.message, error.details)
        self.report = report


class Part:
    def __init__(self, first: int, states: Sequence[DistantState]) -> None:
        """
        Starts the process. Raises GymwireError CAPACITY when none can be had.

        :param first: the number of its first environment in the session
        """
        self.first = first
        self.states = states
        self._is_closing = False
        self._report = b""
        # The environment's mark and the group are this process's: it ends with what its simulators have started.
        try:
            self._process = subprocess.Popen(  # noqa: S603 -- this interpreter
                boot_command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=PIPE_BYTES
            )
        except OSError as error:
            # Of file descriptors, processes or memory.
            raise GymwireError("CAPACITY", f"no process can be started now: {error.strerror}") from None
        self._writing = threading.Lock()
        #: What it had to say of its making has been heard, or nobody will hear it.
        self._is_heard = threading.Event()
        threading.Thread(target=self._watch, name="gymwire-part", daemon=True).start()

    @property
    def count(self) -> int:
        return len(self.states)

    def start(self, frames: Sequence[bytes]) -> None:
        """With what a process is made from; `made` waits for it."""
        self._write(b"".join(request_frame(0, frame) for frame in frames))

    def made(self, notes: Notes) -> pb.MakeSessionResponse:
        """Raises PartFault with what the factory raised."""
        made = pb.MakeSessionResponse.FromString(self._answer(notes))
        self._is_heard.set()
        return made

    def ask(self, request: pb.InteractRequest, sequence: int) -> None:
        """`answer` waits for it."""
        self._write(request_frame(sequence, request.SerializeToString()))

    def answer(self, notes: Notes) -> pb.InteractResponse:
        """Raises PartFault. Where the process has died, this one dies as it did."""
        return pb.InteractResponse.FromString(self._answer(notes))

    def go(self, sequence: int) -> None:
        """Calls what it was asked to call; `answer` waits for it."""
        self._write(request_frame(sequence, GO))

    def fault(self, error: error_pb2.Error) -> PartFault:
        """Of an answer that holds one."""
        return PartFault(decode_error(error, "local"), self._report)

    def detach(self) -> None:
        """By any thread; it waits where the part does not read what another one writes."""
        with contextlib.suppress(OSError):
            self._write(request_frame(0, DETACH))

    def close(self) -> None:
        """Asks it to; `wait_for_end` waits."""
        self._is_closing = True
        with contextlib.suppress(OSError):
            self.ask(pb.InteractRequest(close=pb.CloseSessionRequest()), 0)

    def wait_for_end(self, notes: Notes) -> None:
        with contextlib.suppress(OSError, ValueError, EOFError):
            while (frame := read_reply(self._process.stdout)) is not None:
                if frame[0] == NOTE:
                    notes.add(Note.load(frame[1]))
        self._process.wait()

    def kill(self) -> None:
        self._is_closing = True
        self._process.kill()
        self._is_heard.set()

    def _write(self, frames: bytes) -> None:
        if self._process.stdin is None:
            raise BrokenPipeError
        with self._writing:
            try:
                self._process.stdin.write(frames)
                self._process.stdin.flush()
            except OSError:
                if not self._is_closing:
                    self._die()
                raise

    def _answer(self, notes: Notes) -> bytes:
        self._report = b""
        while True:
            frame = read_reply(self._process.stdout)
            if frame is None:
                self._die()
            outcome, payload = frame or (FAILED, b"")
            if outcome == NOTE:
                notes.add(Note.load(payload))
            elif outcome == REPORT:
                self._report = payload
            elif outcome == STATES:
                self._learn(payload)
            elif outcome == FAILED:
                raise self.fault(error_pb2.Error.FromString(payload))
            else:
                return payload

    def _learn(self, told: bytes) -> None:
        if states_differ(told, self.states):
            self.kill()
            raise GymwireError("ENV_FAILED", "the simulator wrote into a pipe that it did not open")
        for state, one in zip(self.states, told, strict=True):
            state.learn(one)

    def _watch(self) -> None:
        self._process.wait()
        # A process whose factory has failed has ended as well, and what it raised is still to be read.
        self._is_heard.wait()
        if not self._is_closing:
            self._die()

    def _die(self) -> None:
        """
        A session whose environments are no longer all there is over, and its server tells what ended it by how its
        process has ended.
        """
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_LAST_MOMENT_S)
        code = self._process.poll()
        if code is not None and code < 0 and sys.platform != "win32":
            # The part's own traceback is on stderr already.
            faulthandler.disable()
            os.kill(os.getpid(), -code)
            time.sleep(_LAST_MOMENT_S)
        os._exit(1 if code is None or code < 0 else code)
