"""The server's end of a session's process: starts it, talks to it, notices when it dies or hangs, and ends it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from gymwire.errors import GymwireError, decode_error
from gymwire.server.child_process import ChildProcess
from gymwire.server.deadline import Deadline
from gymwire.server.envelope import KINDS, is_reply
from gymwire.server.output_relay import OutputRelay
from gymwire.server.quiet_log import Once
from gymwire.server.reply_frames import NoFrameError, ReplyFrames
from gymwire.session.boot import boot_command
from gymwire.session.frames import DETACH, DONE, FAILED, request_frame
from gymwire.session.read_reply import ReplyRules
from gymwire.v1 import env_service_pb2 as pb
from gymwire.v1 import error_pb2

_CLOSE_TIMEOUT_S = 5.0
# Beside replies, the log's reports come through the pipe.
_LONGEST_REPORT = 2**20
#: What a process may write that nobody has asked for, before it has to wait.
_MOST_UNASKED = 2**20


@dataclass(frozen=True)
class Limit:
    """How long the simulator may take, and the option that says so."""

    timeout_ms: int
    option: str


#: Called once, with the answer or what went wrong.
Over = Callable[["bytes | GymwireError"], None]


@dataclass(frozen=True)
class _Asked:
    what: str
    limit: Limit
    over: Over


class EnvProcess:
    """One request at a time: the session sees to it."""

    def __init__(self, child: ChildProcess, name: str, once: Once, longest_reply: int) -> None:
        self._child = child
        self._frames = ReplyFrames(max(longest_reply, _LONGEST_REPORT))
        #: Who waits for the answer, and to what.
        self._asked: _Asked | None = None
        self._deadline = Deadline(self._on_late)
        self._ended = asyncio.Event()
        self._failing: set[asyncio.Task[None]] = set()
        child.listen(self)
        self._cause: GymwireError | None = None
        self._told = False
        self._closing = False
        self._doing = "between two requests"
        self._output = OutputRelay(child, name, once)
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
            child = await ChildProcess.start(boot_command())
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

    def ask(self, request: bytes, sequence: int, what: str, limit: Limit, over: Over) -> None:
        """
        Of an InteractRequest, serialized, the serialized InteractResponse; the one before must be over.

        :param over: is told the answer, or the process's own GymwireError; ENV_FAILED when it died, or did not answer
            in time and was killed. Not before this function has returned
        """
        if self._cause is not None:
            error = self._gone()
            asyncio.get_running_loop().call_soon(lambda: over(error))
            return
        self._ask(request_frame(sequence, request), _Asked(what, limit, over))

    def hear(self, data: bytes) -> None:
        self._frames.feed(data)
        if self._asked is not None:
            self._take_frames()
        elif len(self._frames) > _MOST_UNASKED:
            self._child.pause()

    def hear_end(self) -> None:
        self._ended.set()
        if self._asked is not None:
            self._fail(self._died)

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
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._ended.wait(), 0.5)
        with contextlib.suppress(NoFrameError):
            while (frame := self._frames.take()) is not None:
                self._output.tell(*frame)

    async def kill(self) -> None:
        """Ends the process at once; a request that is under way fails."""
        self._closing = True
        await self._end()

    async def _exchange(self, frame: bytes, what: str, limit: Limit) -> bytes:
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

        def over(reply: bytes | GymwireError) -> None:
            if answer.done():
                return
            if isinstance(reply, GymwireError):
                answer.set_exception(reply)
            else:
                answer.set_result(reply)

        self._ask(frame, _Asked(what, limit, over))
        return await answer

    def _ask(self, frame: bytes, asked: _Asked) -> None:
        # Whoever notices first that the process died, the one that waits for its answer or `watch`, says in what.
        self._doing = asked.what
        self._asked = asked
        self._deadline.set(asked.limit.timeout_ms / 1000)
        try:
            self._child.write(frame)
        except OSError:
            self._fail(self._died)
            return
        self._child.resume()
        if self._ended.is_set():
            self._fail(self._died)
        elif len(self._frames) > 0:
            # What came unasked is taken for an answer, or found out to be none; the caller is told later all the same.
            asyncio.get_running_loop().call_soon(self._take_frames)

    def _take_frames(self) -> None:
        try:
            while self._asked is not None and (frame := self._frames.take()) is not None:
                outcome, payload = frame
                if outcome in (DONE, FAILED):
                    self._answer(outcome, payload)
                else:
                    self._output.tell(outcome, payload)
        except NoFrameError:
            self._fail(self._broke)

    def _answer(self, outcome: int, payload: bytes) -> None:
        asked = self._asked
        if asked is None:
            return
        if outcome == DONE and asked.what in KINDS and not is_reply(asked.what, payload):
            self._fail(self._broke)
            return
        self._asked = None
        self._deadline.clear()
        self._doing = "between two requests"
        asked.over(payload if outcome == DONE else decode_error(error_pb2.Error.FromString(payload), "local"))

    def _fail(self, end: Callable[[str], Awaitable[None]]) -> None:
        """The request that is under way has no answer; its caller is told when the process has been ended."""
        asked, self._asked = self._asked, None
        self._deadline.clear()
        if asked is None:
            return

        async def fail() -> None:
            await end(asked.what)
            asked.over(self._gone())

        task = asyncio.ensure_future(fail())
        self._failing.add(task)
        task.add_done_callback(self._failing.discard)

    def _on_late(self) -> None:
        if self._asked is None:
            return
        what, limit = self._asked.what, self._asked.limit
        self._cause = GymwireError(
            "ENV_FAILED",
            f"{what}: the simulator did not answer within {limit.timeout_ms} ms, and its process was killed; if it "
            f"is that slow, raise {limit.option} (--{limit.option.replace('_', '-')}) of its server"
            + self._output.last_words(),
            {"deadlineMs": str(limit.timeout_ms)},
        )
        self._fail(lambda _: self._kill())

    async def _broke(self, what: str) -> None:
        """What comes next on its pipe cannot be told from garbage."""
        if self._cause is None:
            self._cause = GymwireError(
                "ENV_FAILED",
                f"{what}: the simulator wrote into the pipe to the server, a file descriptor that it did not open, "
                "and its process was killed" + self._output.last_words(),
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
                f"{what}: the simulator's process died ({self._child.exit_reason})" + self._output.last_words(),
            )

    async def _kill(self) -> None:
        """All that it wrote to stderr is read; its helpers end later, in `close`."""
        await self._child.kill()
        await self._output.end()

    async def _end(self) -> None:
        self._deadline.cancel_timer()
        await self._kill()
        await self._child.end()
