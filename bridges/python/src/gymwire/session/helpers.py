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
_POLL_S = 0.02
_PROC = Path("/proc")


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
    if not _has_members(group) and not _marked(mark):
        return
    _signal_group(group, signal.SIGTERM)
    _signal_marked(mark, signal.SIGTERM)
    if not _are_gone_in_time(group, mark):
        kill_all(group, mark)
        _are_gone_in_time(group, mark)


def _are_gone_in_time(group: int, mark: str) -> bool:
    give_up = time.monotonic() + _GRACE_S
    while _has_members(group) or _marked(mark):
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
    """None for a process that is dead, and waits for a parent that asks: some containers have none that does."""
    try:
        # After the name, which stands in brackets and may hold anything: state, parent, group.
        state, _, group, *_ = folder.joinpath("stat").read_bytes().rpartition(b")")[2].split()
    except (OSError, ValueError):
        return None
    return None if state in {b"Z", b"X"} else int(group)


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
