"""One session: at-most-once requests to one process. Every RPC, streamed or unary, ends here."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Mapping
from typing import Any

from gymwire.errors import GymwireError
from gymwire.sequence import next_sequence
from gymwire.server.env_process import EnvProcess, Limit
from gymwire.server.env_registration import EnvRegistration
from gymwire.server.envelope import NUMBERED, Request
from gymwire.server.options import DEFAULT_FIRST_STEP_TIMEOUT_MS, DEFAULT_STEP_TIMEOUT_MS, ServerOptions
from gymwire.v1 import env_service_pb2 as pb

#: Calls that may wait for those before them. A stream has one under way at most, so these are unary calls.
MAX_WAITING = 16
#: Of requests that wait, and of replies that their callers have not read, together; one more may exceed it.
MAX_HELD_BYTES = 16 * 2**20


class Session:
    def __init__(
        self,
        description: pb.MakeSessionResponse,
        process: EnvProcess,
        limits: Mapping[str, Limit],
    ) -> None:
        self.description = description
        self.process = process
        #: The sequence number of the last reset, step or call that was carried out; 0: none yet.
        self.last_sequence = 0
        #: Requests that the simulator was asked to carry out.
        self.calls = 0
        self._limits = limits
        self._has_stepped = False
        self._kept: tuple[str, bytes] | None = None
        # Requests of one session never overlap, whoever sends them.
        self._turn = asyncio.Lock()
        self._under_way: set[asyncio.Task[Any]] = set()
        self._waiting = 0
        self._held_bytes = 0
        self._closed: GymwireError | None = None
        self._closing: asyncio.Task[None] | None = None
        #: Set when no request is under way any more, and none will be.
        self._is_last = asyncio.Event()
        self._made_at = self._idle_since = time.monotonic()
        self._busy_since: float | None = None

    @property
    def id(self) -> str:
        return self.description.session_id

    @property
    def count(self) -> int:
        return self.description.num_envs if self.description.HasField("num_envs") else 1

    @property
    def times_ms(self) -> tuple[int, int, int]:
        """Since it was made; since its last call ended, 0 during one; since its present call began, 0 without one."""
        now = time.monotonic()
        age = round(1000 * (now - self._made_at))
        if self._busy_since is None:
            return age, round(1000 * (now - self._idle_since)), 0
        return age, 0, max(1, round(1000 * (now - self._busy_since)))

    @property
    def is_busy(self) -> bool:
        """A request is under way, or waits for that."""
        return self._turn.locked() or self._waiting > 0

    async def request(self, request: Request) -> bytes:
        """
        Carries out a reset, step, render, call or read; the serialized InteractResponse.

        A caller that is cancelled while it waits for its turn leaves nothing behind. After that the request stays under
        way, and its reply is kept: the simulator has begun. Raises GymwireError CAPACITY when too much waits already.
        """
        self._check_room()
        size = len(request.body)
        self._waiting += 1
        self._held_bytes += size
        try:
            await self._turn.acquire()
        finally:
            self._waiting -= 1
            self._held_bytes -= size
        # What is begun goes on by callbacks, whatever becomes of this caller: a task for it, and a shield around that,
        # would be two more turns of the event loop for each request.
        try:
            reply = self._begin(request)
        except BaseException:
            self._turn.release()
            raise
        if isinstance(reply, bytes):
            self._turn.release()
            return reply
        return await reply

    def hold(self, size: int) -> None:
        """Bytes of a reply on their way to a caller, who may not read them; negative when they are sent or dropped."""
        self._held_bytes += size

    async def close(self, patience_s: float | None = None, reason: GymwireError | None = None) -> None:
        """
        Frees the simulators, after the request that is under way. A second close waits for the first, and may have
        less patience.

        :param patience_s: a request that takes longer is given up, and its simulator killed
        :param reason: what those are told who ask for more
        """
        if self._closing is None:
            self._closed = reason or GymwireError("SESSION_GONE", "the session is closed")
            self._closing = asyncio.ensure_future(self._close())
            self._under_way.add(self._closing)
            self._closing.add_done_callback(self._forget)
            # A turn that is free is taken now, however short the patience.
            await asyncio.sleep(0)
        if patience_s is not None and not self._is_last.is_set():
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._is_last.wait(), patience_s)
            if not self._is_last.is_set():
                await self.process.kill()
        await asyncio.shield(self._closing)

    def _check_room(self) -> None:
        if self._waiting >= MAX_WAITING:
            raise GymwireError(
                "CAPACITY", f"{self._waiting} calls of this session wait already: send the next one after an answer"
            )
        if self._held_bytes >= MAX_HELD_BYTES:
            raise GymwireError(
                "CAPACITY",
                f"{self._held_bytes} bytes of this session wait to be read or carried out: read the replies first",
            )

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._under_way.discard(task)
        # Asked for, so that asyncio does not complain of an error that nobody was left to hear.
        if not task.cancelled():
            task.exception()

    async def _close(self) -> None:
        await self._turn.acquire()
        self._is_last.set()
        try:
            await self.process.close(self._limits["close"].timeout_ms / 1000)
        finally:
            self._turn.release()

    def _begin(self, request: Request) -> bytes | asyncio.Future[bytes]:
        """
        The reply that is kept, or what the answer will be in: then the turn is over with that.

        At most once: a repeated number is answered from the kept reply. A request that fails does not take its
        number, and is not carried out twice either: after a simulator's fault only a reset is possible.
        """
        kind, sequence = request.kind, request.sequence
        if kind in {"render", "read"}:
            return self._ask(request, 0)
        if kind not in NUMBERED:
            raise GymwireError("MALFORMED", "expected a reset, step, render, call, read or close")
        if self._kept is not None and sequence == self.last_sequence != 0 and self._kept[0] == kind:
            return self._kept[1]
        expected = next_sequence(self.last_sequence)
        if sequence not in (0, expected):
            raise GymwireError(
                "BAD_SEQUENCE",
                f"{kind}: expected sequence number {expected}, got {sequence}",
                {"expected": str(expected), "got": str(sequence)},
            )
        return self._ask(request, expected)

    def _ask(self, request: Request, sequence: int) -> asyncio.Future[bytes]:
        # A simulator that died has closed the session as well, and its cause says more.
        if self._closed is not None and self.process.cause is None:
            raise self._closed
        self.calls += 1
        self._busy_since = time.monotonic()
        kind = request.kind
        # The first step may compile.
        limit = self._limits["first step" if kind == "step" and not self._has_stepped else kind]
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

        def over(reply: bytes | GymwireError) -> None:
            self._busy_since, self._idle_since = None, time.monotonic()
            self._turn.release()
            if isinstance(reply, GymwireError):
                if not answer.done():
                    answer.set_exception(reply)
                return
            self._has_stepped = self._has_stepped or kind == "step"
            if kind in NUMBERED:
                self._kept = (kind, reply)
                self.last_sequence = sequence
            # Whoever waited for it may have left; the reply is kept.
            if not answer.done():
                answer.set_result(reply)

        self.process.ask(request.message, sequence, kind, limit, over)
        return answer


def limits_for(registration: EnvRegistration, options: ServerOptions) -> dict[str, Limit]:
    def limit(name: str) -> Limit:
        return Limit(getattr(registration, name) or getattr(options, name), name)

    step, reset = limit("step_timeout_ms"), limit("reset_timeout_ms")
    first_ms = registration.first_step_timeout_ms or options.first_step_timeout_ms
    if first_ms is None:
        # Who says how long a step may take means every step.
        is_said = registration.step_timeout_ms is not None or options.step_timeout_ms != DEFAULT_STEP_TIMEOUT_MS
        first_ms = step.timeout_ms if is_said else DEFAULT_FIRST_STEP_TIMEOUT_MS
    # Who allows every step more time does not mean less for the first one.
    first = Limit(first_ms, "first_step_timeout_ms") if first_ms > step.timeout_ms else step
    close = Limit(options.close_timeout_ms, "close_timeout_ms")
    return {
        "first step": first,
        "step": step,
        "render": step,
        "call": step,
        "read": step,
        "reset": reset,
        "close": close,
    }
