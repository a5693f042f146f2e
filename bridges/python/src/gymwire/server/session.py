"""One session: at-most-once requests to one process. Every RPC, streamed or unary, ends here."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from gymwire.errors import GymwireError
from gymwire.sequence import next_sequence
from gymwire.server.env_process import EnvProcess
from gymwire.v1 import env_service_pb2 as pb


class Session:
    def __init__(
        self,
        description: pb.MakeSessionResponse,
        process: EnvProcess,
        step_timeout_ms: int,
        reset_timeout_ms: int,
    ) -> None:
        self.description = description
        self.process = process
        #: The sequence number of the last reset or step that was carried out; 0: none yet.
        self.last_sequence = 0
        self._timeouts = {"step": step_timeout_ms, "render": step_timeout_ms, "reset": reset_timeout_ms}
        self._kept: tuple[str, bytes] | None = None
        # Requests of one session never overlap, whoever sends them.
        self._turn = asyncio.Lock()
        self._under_way: set[asyncio.Task[Any]] = set()
        self._closed = False

    @property
    def id(self) -> str:
        return self.description.session_id

    @property
    def count(self) -> int:
        return self.description.num_envs if self.description.HasField("num_envs") else 1

    async def request(self, request: pb.InteractRequest) -> bytes:
        """
        Carries out a reset, step or render; the serialized InteractResponse.

        A caller that is cancelled leaves the request under way, and its reply is kept: the simulator has begun.
        """
        return await self._finish(self._carry_out(request))

    async def close(self, patience_s: float | None = None) -> None:
        """
        Frees the simulators, after the request that is under way. A second close does nothing.

        :param patience_s: a request that takes longer is given up, and its simulator killed
        """
        if self._closed:
            return
        self._closed = True
        await self._finish(self._close(patience_s))

    async def _finish(self, work: Coroutine[Any, Any, Any]) -> Any:
        task = asyncio.ensure_future(work)
        self._under_way.add(task)
        task.add_done_callback(self._forget)
        return await asyncio.shield(task)

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._under_way.discard(task)
        # Asked for, so that asyncio does not complain of an error that nobody was left to hear.
        if not task.cancelled():
            task.exception()

    async def _close(self, patience_s: float | None) -> None:
        try:
            await asyncio.wait_for(self._turn.acquire(), patience_s)
        except asyncio.TimeoutError:
            await self.process.kill()
            return
        try:
            await self.process.close()
        finally:
            self._turn.release()

    async def _carry_out(self, request: pb.InteractRequest) -> bytes:
        kind = request.WhichOneof("request")
        if kind == "reset":
            return await self._once("reset", request.reset.sequence, request)
        if kind == "step":
            return await self._once("step", request.step.sequence, request)
        if kind == "render":
            async with self._turn:
                return await self._call("render", request, 0)
        raise GymwireError("MALFORMED", "expected a reset, step, render or close")

    async def _once(self, kind: str, sequence: int, request: pb.InteractRequest) -> bytes:
        """
        At most once: a repeated number is answered from the kept reply. A request that fails does not take its
        number, and is not carried out twice either: after a simulator's fault only a reset is possible.
        """
        async with self._turn:
            if self._kept is not None and sequence == self.last_sequence != 0 and self._kept[0] == kind:
                return self._kept[1]
            expected = next_sequence(self.last_sequence)
            if sequence not in (0, expected):
                raise GymwireError(
                    "BAD_SEQUENCE",
                    f"{kind}: expected sequence number {expected}, got {sequence}",
                    {"expected": str(expected), "got": str(sequence)},
                )
            reply = await self._call(kind, request, expected)
            self._kept = (kind, reply)
            self.last_sequence = expected
            return reply

    async def _call(self, kind: str, request: pb.InteractRequest, sequence: int) -> bytes:
        # A simulator that died has closed the session as well, and its cause says more.
        if self._closed and self.process.cause is None:
            raise GymwireError("SESSION_GONE", "the session is closed")
        return await self.process.call(request.SerializeToString(), sequence, kind, self._timeouts[kind])
