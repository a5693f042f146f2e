"""
What a session's process says beside its answers. Reports, notes and stderr go to the log, and the end of stderr into
the error that says why it is gone.
"""

from __future__ import annotations

import asyncio

from gymwire.server.child_process import ChildProcess
from gymwire.server.quiet_log import Once, quiet_log
from gymwire.server.reply_frames import NoFrameError
from gymwire.session.frames import NOTE, REPORT
from gymwire.session.notes import Note

_TAIL_BYTES = 4096


class OutputRelay:
    def __init__(self, child: ChildProcess, name: str, once: Once) -> None:
        """
        :param name: of the session, for the log
        :param once: what a server tells once of all of them
        """
        self._child = child
        self._name = name
        self._once = once
        self._tail = bytearray()
        self._task = asyncio.ensure_future(self._run())

    def tell(self, outcome: int, payload: bytes) -> None:
        """Of a frame that is no answer. Raises NoFrameError."""
        if outcome == REPORT:
            line, _, details = payload.decode("utf-8", "replace").partition("\n")
            kind = f"{self._name} {line.split(maxsplit=1)[0].rstrip(':')}"
            quiet_log.warning(kind, f"{self._name}: {line}", details)
        if outcome != NOTE:
            return
        try:
            note = Note.load(payload)
        except (ValueError, TypeError):
            raise NoFrameError from None
        self._once.warning(self._name, note.kind, f"{self._name}: {note.text}")
        if note.details:
            quiet_log.debug(f"{self._name}: {note.details}")

    def last_words(self) -> str:
        """For the end of a sentence; empty where it said nothing."""
        text = self._tail.decode("utf-8", "replace").strip()
        return f"; the end of its stderr:\n{text[-1000:]}" if text else ""

    async def end(self) -> None:
        """Of a process that has ended: what it wrote is read, unless others still hold its stderr."""
        await asyncio.wait({self._task}, timeout=0.5)
        self._task.cancel()

    async def _run(self) -> None:
        stream = self._child.stderr
        rest = b""
        while stream is not None and (chunk := await stream.read(65536)):
            self._tail = (self._tail + chunk)[-_TAIL_BYTES:]
            *lines, rest = (rest + chunk).split(b"\n")
            if len(rest) > _TAIL_BYTES:
                lines, rest = [*lines, rest], b""
            for line in lines:
                self._tell_line(line)
        self._tell_line(rest)

    def _tell_line(self, line: bytes) -> None:
        text = line.decode("utf-8", "replace").rstrip()
        if text:
            quiet_log.info(f"output of {self._name}", f"simulator {self._child.pid}: {text}")
