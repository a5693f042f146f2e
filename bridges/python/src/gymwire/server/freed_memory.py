"""Memory that was freed goes back to the system: glibc keeps what gRPC's core held of large requests, for ever."""

from __future__ import annotations

import asyncio
import ctypes
import os
import sys
from collections.abc import Callable
from pathlib import Path

#: More than at the start by this is worth a look.
_NOTICEABLE = 64 * 2**20
#: Less than that between two looks is no change.
_SAME = 2**20
_INTERVAL_S = 2.0
#: Where nothing changes, what is held may be in use; so many looks later it may not be.
_LOOKS_AT_SAME = 15
_STATM = Path("/proc/self/statm")


class FreedMemory:
    """
    Trims the heap when this process holds much more than at its start, and not again before that has changed, or a
    while has gone by: trimming looks at the whole heap.
    """

    def __init__(self, resident: Callable[[], int], trim: Callable[[], object]) -> None:
        """:param resident: bytes of memory of this process"""
        self._resident = resident
        self._trim = trim
        self._at_start = resident()
        self._after_trim = 0
        self._same = 0

    def look(self) -> None:
        """Called now and then, in a thread that may wait."""
        now = self._resident()
        if now < self._at_start + _NOTICEABLE:
            return
        self._same = self._same + 1 if abs(now - self._after_trim) < _SAME else 0
        if 0 < self._same < _LOOKS_AT_SAME:
            return
        self._same = 0
        self._trim()
        self._after_trim = self._resident()


async def give_back_freed_memory() -> None:
    """
    Until it is cancelled; returns at once where the system's allocator is not glibc's. For a process that serves, and
    does nothing else: what others hold in it is not looked at for nothing.
    """
    trim = _trim_of_glibc()
    if trim is None:
        return
    memory = FreedMemory(_resident, trim)
    while True:
        await asyncio.sleep(_INTERVAL_S)
        # It takes milliseconds, in which steps go on.
        await asyncio.to_thread(memory.look)


def _trim_of_glibc() -> Callable[[], object] | None:
    if sys.platform != "linux" or not _STATM.exists():
        return None
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return None if trim is None else lambda: trim(0)


def _resident() -> int:
    return int(_STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
