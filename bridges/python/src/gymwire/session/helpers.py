"""
Processes that a simulator has started. They end with it, whichever way it ended, and no other process is touched.

On POSIX, a session's process leads a process group, which its helpers inherit. One that left the group, as a game
engine does that was started with `start_new_session`, still has the mark in its environment, which Linux shows. On
Windows, a job object ends with the process that holds it.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

#: The variable that marks all processes of one session. What was started without it, in a session of its own, is left
#: alone: a service that several simulators share.
MARK = "GYMWIRE_SIMULATOR"

#: How long helpers have between being asked to end and being killed.
_GRACE_S = 1.0
#: How long one that was killed may take to be gone: the system takes its memory and files from it first.
_LAST_MOMENT_S = 5.0
_POLL_S = 0.02
_PROC = Path("/proc")
#: Of `/proc/<pid>/stat`, counted from the state, which follows the name.
_GROUP, _THREADS, _START = 2, 17, 19

#: A process for as long as it lives: its number, which another one may get later, and when it began.
_Process = tuple[int, bytes]


def marked_environment() -> tuple[dict[str, str], str]:
    """What a session's process is started with, and its mark."""
    mark = secrets.token_hex(16)
    return {**os.environ, MARK: mark}, mark


def ask_to_end(group: int) -> None:
    """SIGTERM to all in the group. Does nothing on Windows."""
    _signal_group(group, signal.SIGTERM)


def end_helpers(group: int, mark: str) -> None:
    """
    Asks the group and those with the mark to end, kills those that are there a second later. Blocks as long, so it is
    for a thread. Does nothing on Windows.

    The group's leader may be dead: its number is not given away while the group has a member. If it has none, another
    process would have to get this number, of all the numbers that are given out in turn, between the leader's end
    and this call.
    """
    if sys.platform == "win32":
        return
    helpers = _Helpers(group, mark)
    if helpers.are_gone():
        return
    _signal_group(group, signal.SIGTERM)
    _signal_marked(mark, signal.SIGTERM)
    if not helpers.are_gone_within(_GRACE_S):
        kill_all(group, mark)
        helpers.are_gone_within(_LAST_MOMENT_S)


class _Helpers:
    """
    Those that are there, and were there when it was looked before: one that is about to end loses its environment, and
    the mark with it, before it lets go of its files.
    """

    def __init__(self, group: int, mark: str) -> None:
        self._group = group
        self._mark = mark
        self._left: set[_Process] = set()

    def are_gone(self) -> bool:
        for pid in _marked(self._mark):
            stat = _stat_of(_PROC / str(pid))
            if stat is not None:
                self._left.add((pid, stat[_START]))
        self._left = {process for process in self._left if _is_there(process)}
        return not self._left and not _has_members(self._group)

    def are_gone_within(self, limit_s: float) -> bool:
        give_up = time.monotonic() + limit_s
        while not self.are_gone():
            if time.monotonic() > give_up:
                return False
            time.sleep(_POLL_S)
        return True


def kill_all(group: int, mark: str) -> None:
    """At once; the caller too, if it belongs to the group."""
    if sys.platform != "win32":
        _signal_marked(mark, signal.SIGKILL)
        _signal_group(group, signal.SIGKILL)


def _signal_group(group: int, number: int) -> None:
    if sys.platform != "win32":
        # A helper with another user's rights may not be signalled.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, number)


def _has_members(group: int) -> bool:
    """But for the caller, where that can be told."""
    if _PROC.joinpath("self", "stat").exists():
        own = str(os.getpid())
        return any(folder.name != own and _group_of(folder) == group for folder in _processes())
    if sys.platform == "win32":
        return False
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _group_of(folder: Path) -> int | None:
    """None for a process that is gone."""
    stat = _stat_of(folder)
    return None if stat is None else int(stat[_GROUP])


def _is_there(process: _Process) -> bool:
    pid, start = process
    stat = _stat_of(_PROC / str(pid))
    return stat is not None and stat[_START] == start


def _stat_of(folder: Path) -> list[bytes] | None:
    """
    None for a process that is gone, also one that is dead and waits for a parent that asks: some containers have none
    that does. It is not dead before its last thread is: the others hold its files, and locks, for a moment longer.
    """
    try:
        # After the name, which stands in brackets and may hold anything.
        stat = folder.joinpath("stat").read_bytes().rpartition(b")")[2].split()
        is_dead = stat[0] in {b"Z", b"X"} and int(stat[_THREADS]) <= 1
    except (OSError, ValueError, IndexError):
        return None
    return None if is_dead else stat


def _marked(mark: str) -> list[int]:
    """The processes that have the mark, but for the caller."""
    return [int(folder.name) for folder in _processes() if _is_marked(folder, mark)]


def _is_marked(folder: Path, mark: str) -> bool:
    try:
        variables = folder.joinpath("environ").read_bytes().split(b"\0")
    except OSError:
        # Gone meanwhile, or another user's.
        return False
    return f"{MARK}={mark}".encode() in variables and folder.name != str(os.getpid())


def _processes() -> Iterator[Path]:
    with contextlib.suppress(OSError):
        yield from (folder for folder in _PROC.iterdir() if folder.name.isdecimal())


def _signal_marked(mark: str, number: int) -> None:
    for pid in _marked(mark):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            _signal_one(pid, mark, number)


def _signal_one(pid: int, mark: str, number: int) -> None:
    """By a handle of the process: should it end now, its number may be another one's a moment later."""
    if sys.platform != "linux":
        return
    try:
        handle = os.pidfd_open(pid)
    except OSError:
        # An old kernel, or a process that is gone.
        if _is_marked(_PROC / str(pid), mark):
            os.kill(pid, number)
        return
    try:
        if _is_marked(_PROC / str(pid), mark):
            signal.pidfd_send_signal(handle, number)
    finally:
        os.close(handle)
