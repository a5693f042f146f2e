"""What floods took is given back."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import sys

import pytest

from gymwire.server.freed_memory import FreedMemory, _resident, _trim_of_glibc, give_back_freed_memory

MEBIBYTE = 2**20


class Process:
    def __init__(self) -> None:
        self.resident = 60 * MEBIBYTE
        #: What a trim leaves; None: all of it is in use.
        self.in_use: int | None = None
        self.trims = 0
        self.memory = FreedMemory(lambda: self.resident, self.trim)

    def trim(self) -> None:
        self.trims += 1
        if self.in_use is not None:
            self.resident = self.in_use

    def look(self, times: int = 1) -> int:
        for _ in range(times):
            self.memory.look()
        return self.trims


def test_a_server_that_holds_no_more_than_at_its_start_is_left_alone() -> None:
    process = Process()
    process.resident = 120 * MEBIBYTE
    assert process.look(100) == 0


def test_what_a_flood_left_is_given_back_and_what_is_in_use_is_not_looked_at_all_the_time() -> None:
    process = Process()
    process.resident, process.in_use = 3000 * MEBIBYTE, 70 * MEBIBYTE
    assert process.look(100) == 1
    # In use: looked at once, again when it changes, and seldom.
    process.resident, process.in_use = 400 * MEBIBYTE, None
    assert process.look(15) == 2
    assert process.look() == 3
    process.resident = 300 * MEBIBYTE
    assert process.look(10) == 4


@pytest.mark.skipif(_trim_of_glibc() is None, reason="the system's allocator is not glibc's")
def test_freed_memory_of_a_heap_with_holes_goes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gymwire.server.freed_memory._INTERVAL_S", 0.01)
    libc = ctypes.CDLL(None)
    libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, (ctypes.c_void_p,)

    async def flood() -> int:
        task = asyncio.ensure_future(give_back_freed_memory())
        await asyncio.sleep(0.05)
        blocks = [libc.malloc(8192) for _ in range(40_000)]
        for block in blocks:
            ctypes.memset(block, 1, 8192)
        # All but the last one: by itself, glibc gives back the end of its heap only.
        for block in blocks[:-1]:
            libc.free(block)
        held = _resident()
        for _ in range(300):
            await asyncio.sleep(0.01)
            if _resident() < held - 200 * MEBIBYTE:
                break
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        given_back = held - _resident()
        libc.free(blocks[-1])
        return given_back

    assert sys.platform == "linux"
    assert asyncio.run(flood()) > 200 * MEBIBYTE
