"""A session's process as the operating system sees it: pipes, its end, and the end of what it has started."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Sequence
from typing import Protocol

from gymwire.session.helpers import ask_to_end, end_helpers, marked_environment

_PIPE_BUFFER_BYTES = 2**20

#: How long the pipes of a process that is dead may stay open: a helper may hold them, and has been asked to end.
_LAST_BYTES_S = 0.2


class Listener(Protocol):
    """Who reads what the process writes to stdout. Called by the event loop."""

    def hear(self, data: bytes) -> None: ...

    def hear_end(self) -> None:
        """Nothing more comes: the process has ended, or closed its pipe."""


class _ChildProtocol(asyncio.subprocess.SubprocessStreamProtocol):
    """Many versions of asyncio's `wait` wait for the pipes too, which a helper may hold for ever."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(limit=_PIPE_BUFFER_BYTES, loop=loop)
        self.exited = asyncio.Event()

    def process_exited(self) -> None:
        super().process_exited()
        self.exited.set()


class _PipeProtocol(asyncio.Protocol):
    """
    Stdout goes to the listener as it comes: asyncio's own way, by the process's protocol and a stream, takes three more
    turns of the event loop for each reply.
    """

    def __init__(self, before: asyncio.BaseProtocol, listener: Listener) -> None:
        self._before = before
        self._listener = listener

    def data_received(self, data: bytes) -> None:
        self._listener.hear(data)

    def connection_lost(self, exc: Exception | None) -> None:
        # The process's transport counts its pipes.
        self._before.connection_lost(exc)
        self._listener.hear_end()


class ChildProcess:
    """Made by `start`. Whoever starts it awaits `end`, whatever happened."""

    def __init__(self, transport: asyncio.SubprocessTransport, protocol: _ChildProtocol, mark: str) -> None:
        self._transport = transport
        self._protocol = protocol
        self._mark = mark
        self._is_paused = False
        self._helpers = asyncio.ensure_future(self._end_helpers())
        self._last_bytes = asyncio.ensure_future(self._close_pipes())

    @classmethod
    async def start(cls, command: Sequence[str]) -> ChildProcess:
        """In a process group of its own. It is listened to from the next turn of the event loop on."""
        loop = asyncio.get_running_loop()
        environment, mark = marked_environment()
        transport, protocol = await loop.subprocess_exec(
            lambda: _ChildProtocol(loop),
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=environment,
            start_new_session=True,
        )
        return cls(transport, protocol, mark)

    def listen(self, listener: Listener) -> None:
        """Once, before the process is told anything that it could answer."""
        pipe = self._transport.get_pipe_transport(1)
        if pipe is None:
            raise BrokenPipeError
        pipe.set_protocol(_PipeProtocol(pipe.get_protocol(), listener))

    def pause(self) -> None:
        """No more is read of what it writes, until `resume`."""
        pipe = self._transport.get_pipe_transport(1)
        if not self._is_paused and isinstance(pipe, asyncio.ReadTransport):
            self._is_paused = True
            pipe.pause_reading()

    def resume(self) -> None:
        pipe = self._transport.get_pipe_transport(1)
        if self._is_paused and isinstance(pipe, asyncio.ReadTransport):
            self._is_paused = False
            pipe.resume_reading()

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
