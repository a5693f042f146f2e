"""A session's process as the operating system sees it: pipes, its end, and the end of what it has started."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Sequence

from gymwire.session.helpers import ask_to_end, end_helpers, marked_environment

_PIPE_BUFFER_BYTES = 2**20

#: How long the pipes of a process that is dead may stay open: a helper may hold them, and has been asked to end.
_LAST_BYTES_S = 0.2


class _Protocol(asyncio.subprocess.SubprocessStreamProtocol):
    """Many versions of asyncio's `wait` wait for the pipes too, which a helper may hold for ever."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(limit=_PIPE_BUFFER_BYTES, loop=loop)
        self.exited = asyncio.Event()

    def process_exited(self) -> None:
        super().process_exited()
        self.exited.set()


class ChildProcess:
    """Made by `start`. Whoever starts it awaits `end`, whatever happened."""

    def __init__(self, transport: asyncio.SubprocessTransport, protocol: _Protocol, mark: str) -> None:
        self._transport = transport
        self._protocol = protocol
        self._mark = mark
        self._helpers = asyncio.ensure_future(self._end_helpers())
        self._last_bytes = asyncio.ensure_future(self._close_pipes())

    @classmethod
    async def start(cls, command: Sequence[str]) -> ChildProcess:
        """In a process group of its own."""
        loop = asyncio.get_running_loop()
        environment, mark = marked_environment()
        transport, protocol = await loop.subprocess_exec(
            lambda: _Protocol(loop),
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=environment,
            start_new_session=True,
        )
        return cls(transport, protocol, mark)

    @property
    def pid(self) -> int:
        return self._transport.get_pid()

    @property
    def is_over(self) -> bool:
        return self._protocol.exited.is_set()

    @property
    def stderr(self) -> asyncio.StreamReader | None:
        return self._protocol.stderr

    @property
    def exit_reason(self) -> str:
        """ "SIGSEGV", "exit code 7" """
        code = self._transport.get_returncode()
        if code is not None and code < 0:
            with contextlib.suppress(ValueError):
                return signal.Signals(-code).name
        return f"exit code {code}"

    def write(self, data: bytes) -> None:
        """Raises BrokenPipeError when it is known that nobody will read it."""
        stdin = self._protocol.stdin
        if stdin is None or stdin.is_closing():
            raise BrokenPipeError
        stdin.write(data)

    async def read_exactly(self, count: int) -> bytes:
        """Raises asyncio.IncompleteReadError once the process has ended, also while a helper holds the pipe."""
        if self._protocol.stdout is None:
            raise BrokenPipeError
        return await self._protocol.stdout.readexactly(count)

    async def wait(self, timeout_s: float | None) -> bool:
        """Whether it has ended by then. None: for as long as it runs."""
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._protocol.exited.wait(), timeout_s)
        return self.is_over

    async def kill(self) -> None:
        """SIGKILL ends a process that is stopped or hangs, too."""
        if not self.is_over:
            with contextlib.suppress(ProcessLookupError):
                self._transport.kill()
        await self._protocol.exited.wait()

    async def end(self) -> None:
        """Kills it, should it still run; returns when its helpers are gone as well."""
        await self.kill()
        await self._helpers
        self._last_bytes.cancel()
        self._transport.close()

    async def _end_helpers(self) -> None:
        await self._protocol.exited.wait()
        # Those that obey let go of the pipes at once, before a thread has begun.
        ask_to_end(self.pid)
        await asyncio.to_thread(end_helpers, self.pid, self._mark)

    async def _close_pipes(self) -> None:
        """What the process wrote before its end is read; what a helper still writes is not waited for."""
        await self._protocol.exited.wait()
        await asyncio.sleep(_LAST_BYTES_S)
        for number in (1, 2):
            pipe = self._transport.get_pipe_transport(number)
            if pipe is not None:
                pipe.close()
