"""The server's end of a session's process: starts it, talks to it, notices when it dies or hangs, and ends it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass

from gymwire.errors import GymwireError, decode_error
from gymwire.server.child_process import ChildProcess
from gymwire.server.envelope import is_reply
from gymwire.server.quiet_log import Once, quiet_log
from gymwire.session.frames import DETACH, DONE, FAILED, NOTE, REPLY_HEADER, REPORT, request_frame
from gymwire.session.notes import Note
from gymwire.session.read_reply import ReplyRules
from gymwire.v1 import env_service_pb2 as pb
from gymwire.v1 import error_pb2

# With the server's own module path: what its factories need may lie where only this process looks. `-c` and not
# multiprocessing: the operator's script is never imported a second time, so it needs no `if __name__` guard.
_BOOT = "import json, sys; sys.path[:] = json.loads(sys.argv.pop(1)); from gymwire.session.worker import main; main()"
_TAIL_BYTES = 4096
_CLOSE_TIMEOUT_S = 5.0
# Beside replies, the log's reports come through the pipe.
_LONGEST_REPORT = 2**20


@dataclass(frozen=True)
class Limit:
    """How long the simulator may take, and the option that says so."""

    timeout_ms: int
    option: str


class EnvProcess:
    """One request at a time: the session sees to it."""

    def __init__(self, child: ChildProcess, name: str, once: Once, longest_reply: int) -> None:
        self._child = child
        self._name = name
        self._once = once
        self._longest_reply = max(longest_reply, _LONGEST_REPORT)
        self._cause: GymwireError | None = None
        self._told = False
        self._closing = False
        self._doing = "between two requests"
        self._tail = bytearray()
        self._relay = asyncio.ensure_future(self._relay_stderr())
        self._watch: asyncio.Task[None] | None = None

    @classmethod
    async def start(
        cls,
        name: str,
        factory: bytes,
        request: pb.MakeSessionRequest,
        rules: ReplyRules,
        once: Once,
        timeout_ms: int,
    ) -> tuple[EnvProcess, pb.MakeSessionResponse]:
        """
        Makes the environments in a new process, and describes their spaces. The name is for the log, `once` what a
        server tells once of all of them.

        Raises GymwireError ENV_FAILED, with the factory's own message, and CAPACITY when no process can be had.
        """
        try:
            child = await ChildProcess.start([sys.executable, "-c", _BOOT, json.dumps(sys.path)])
        except OSError as error:
            # Of file descriptors, processes or memory.
            raise GymwireError("CAPACITY", f"no process can be started now: {error.strerror}") from error
        process = cls(child, name, once, rules.max_message_bytes)
        try:
            first = (factory, request.SerializeToString(), rules.dump())
            frames = b"".join(request_frame(0, part) for part in first)
            reply = await process._exchange(frames, "making it", Limit(timeout_ms, "make_timeout_ms"))
        except BaseException:
            await process.close()
            raise
        return process, pb.MakeSessionResponse.FromString(reply)

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def cause(self) -> GymwireError | None:
        """Why the process is gone; None while it is there."""
        return self._cause

    def watch(self, on_death: Callable[[], None]) -> None:
        """Calls back when the process dies by itself, also between requests."""

        async def wait() -> None:
            await self._child.wait(None)
            if not self._closing:
                await self._died(self._doing)
                on_death()

        self._watch = asyncio.ensure_future(wait())

    async def call(self, request: bytes, sequence: int, what: str, limit: Limit) -> bytes:
        """
        The serialized InteractResponse to a serialized InteractRequest.

        Raises the process's own GymwireError; ENV_FAILED when it died, or did not answer in time and was killed.
        """
        if self._cause is not None:
            raise self._gone()
        reply = await self._exchange(request_frame(sequence, request), what, limit)
        if not is_reply(what, reply):
            await self._broke(what)
            raise self._gone()
        return reply

    def detach(self) -> None:
        """Tells the environments that nobody steps them now; does not wait for the request that is under way."""
        if self._cause is None and not self._closing:
            with contextlib.suppress(OSError):
                self._child.write(request_frame(0, DETACH))

    def _gone(self) -> GymwireError:
        """The cause, once; whoever asks again is told that the session is gone, and may make a new one."""
        cause = self._cause or GymwireError("ENV_FAILED", "the simulator's process died")
        if not self._told:
            self._told = True
            return cause
        return GymwireError("SESSION_GONE", f"the session ended with its simulator: {cause.message}")

    async def close(self, timeout_s: float = _CLOSE_TIMEOUT_S) -> None:
        """Ends the process, on request if it listens in time, and its helpers. A second close does nothing."""
        if self._closing:
            return
        self._closing = True
        if not self._child.is_over and self._cause is None:
            with contextlib.suppress(OSError):
                close = pb.InteractRequest(close=pb.CloseSessionRequest())
                self._child.write(request_frame(0, close.SerializeToString()))
                await self._child.wait(timeout_s)
                await self._read_last_notes()
        await self._end()

    async def _read_last_notes(self) -> None:
        """Of a process that has ended, on request."""
        with contextlib.suppress(asyncio.TimeoutError, asyncio.IncompleteReadError, OSError, _NoFrame):
            await asyncio.wait_for(self._read(), 0.5)

    async def kill(self) -> None:
        """Ends the process at once; a request that is under way fails."""
        self._closing = True
        await self._end()

    async def _exchange(self, frame: bytes, what: str, limit: Limit) -> bytes:
        # Whoever notices first that the process died, the one that waits for its answer or `watch`, says in what.
        self._doing = what
        try:
            self._child.write(frame)
            outcome, reply = await asyncio.wait_for(self._read(), limit.timeout_ms / 1000)
            self._doing = "between two requests"
        except asyncio.TimeoutError:
            self._cause = GymwireError(
                "ENV_FAILED",
                f"{what}: the simulator did not answer within {limit.timeout_ms} ms, and its process was killed; if it "
                f"is that slow, raise {limit.option} (--{limit.option.replace('_', '-')}) of its server"
                + self._last_words(),
                {"deadlineMs": str(limit.timeout_ms)},
            )
            self._told = True
            await self._kill()
            raise self._cause from None
        except (asyncio.IncompleteReadError, OSError):
            await self._died(what)
            raise self._gone() from None
        except _NoFrame:
            await self._broke(what)
            raise self._gone() from None
        if outcome == DONE:
            return reply
        raise decode_error(error_pb2.Error.FromString(reply), "local")

    async def _read(self) -> tuple[int, bytes]:
        while True:
            length, outcome = REPLY_HEADER.unpack(await self._child.read_exactly(REPLY_HEADER.size))
            if outcome not in {DONE, FAILED, REPORT, NOTE} or length > self._longest_reply:
                raise _NoFrame
            payload = await self._child.read_exactly(length)
            if outcome in {DONE, FAILED}:
                return outcome, payload
            if outcome == NOTE:
                self._tell(payload)
                continue
            line, _, details = payload.decode("utf-8", "replace").partition("\n")
            kind = f"{self._name} {line.split(maxsplit=1)[0].rstrip(':')}"
            quiet_log.warning(kind, f"{self._name}: {line}", details)

    def _tell(self, payload: bytes) -> None:
        try:
            note = Note.load(payload)
        except (ValueError, TypeError):
            raise _NoFrame from None
        self._once.warning(self._name, note.kind, f"{self._name}: {note.text}")
        if note.details:
            quiet_log.debug(f"{self._name}: {note.details}")

    async def _broke(self, what: str) -> None:
        """What comes next on its pipe cannot be told from garbage."""
        if self._cause is None:
            self._cause = GymwireError(
                "ENV_FAILED",
                f"{what}: the simulator wrote into the pipe to the server, a file descriptor that it did not open, "
                "and its process was killed" + self._last_words(),
            )
        await self._kill()

    async def _died(self, what: str) -> None:
        if self._cause is None:
            # Its pipe ends a moment before it does, and a kill in between would take the exit code away.
            await self._child.wait(_CLOSE_TIMEOUT_S)
            await self._kill()
        if self._cause is None:
            self._cause = GymwireError(
                "ENV_FAILED",
                f"{what}: the simulator's process died ({self._child.exit_reason})" + self._last_words(),
            )

    async def _kill(self) -> None:
        """All that it wrote to stderr is read; its helpers end later, in `close`."""
        await self._child.kill()
        await asyncio.wait({self._relay}, timeout=0.5)
        self._relay.cancel()

    async def _end(self) -> None:
        await self._kill()
        await self._child.end()

    async def _relay_stderr(self) -> None:
        stream = self._child.stderr
        rest = b""
        while stream is not None and (chunk := await stream.read(65536)):
            self._tail = (self._tail + chunk)[-_TAIL_BYTES:]
            *lines, rest = (rest + chunk).split(b"\n")
            if len(rest) > _TAIL_BYTES:
                lines, rest = [*lines, rest], b""
            for line in lines:
                self._relay_line(line)
        self._relay_line(rest)

    def _relay_line(self, line: bytes) -> None:
        text = line.decode("utf-8", "replace").rstrip()
        if text:
            quiet_log.info(f"output of {self._name}", f"simulator {self._child.pid}: {text}")

    def _last_words(self) -> str:
        text = self._tail.decode("utf-8", "replace").strip()
        return f"; the end of its stderr:\n{text[-1000:]}" if text else ""


class _NoFrame(Exception):  # noqa: N818 -- a turn of events, not an error of its own
    pass
