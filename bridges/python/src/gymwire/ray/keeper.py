"""
Runs one command that must not outlive whoever started this program: `keeper.py SIGTERM 10 folder command…`.

When its stdin ends, which a SIGKILL of the other end brings about as well, the command gets the signal, and SIGKILL
when it is not over as many seconds later; then the folder is deleted, with the command's secrets in it ("": none).
Should this program itself be killed, Linux sends the command the signal.
Nothing but Python's own library: it is run by its path, and starts in no time.
"""

from __future__ import annotations

import ctypes
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

_PR_SET_PDEATHSIG = 1


def main(arguments: Sequence[str]) -> int:
    ending, grace_s, folder, command = signal.Signals[arguments[0]], float(arguments[1]), arguments[2], arguments[3:]
    woken = _wake_on_signals()
    # Between fork and exec, with a single thread: nothing can hold a lock here.
    prepare = _in_child(ending, os.getpid())
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, preexec_fn=prepare)  # noqa: S603
    # The write ends of its pipes are the child's alone from here on: their reader learns of its end at once.
    os.close(1)
    deadline: float | None = None
    while child.poll() is None:
        # Once it was asked to end, there is nothing more to hear from stdin.
        sources: list[socket.socket | int] = [woken] if deadline is not None else [woken, 0]
        left = None if deadline is None else max(0.0, deadline - time.monotonic())
        ready, _, _ = select.select(sources, [], [], left)
        if deadline is not None and time.monotonic() >= deadline:
            child.kill()
            child.wait()
        asked = woken in ready and any(number != signal.SIGCHLD for number in woken.recv(64))
        over = 0 in ready and os.read(0, 4096) == b""
        if deadline is None and (asked or over):
            child.send_signal(ending)
            deadline = time.monotonic() + grace_s
    if deadline is not None and folder:
        shutil.rmtree(folder, ignore_errors=True)
    code = child.returncode
    return code if code >= 0 else 128 - code


def _wake_on_signals() -> socket.socket:
    """Readable after a signal: its bytes are the numbers. Ray's processes start others with SIGINT blocked."""
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
    for number in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    # It lives as long as the program.
    globals()["_writer"] = writer
    return reader


def _in_child(ending: signal.Signals, parent: int) -> Callable[[], None]:
    prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None

    def prepare() -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        if prctl is not None:
            prctl(_PR_SET_PDEATHSIG, int(ending))
        # It may have gone before Linux was told.
        if os.getppid() != parent:
            os._exit(1)

    return prepare


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
