"""
Ends what was dropped without `close`: sessions of environments that nobody refers to any more, and those that are open
when the program ends. Else a server keeps them, and their simulators, until they have been idle for long.
"""

from __future__ import annotations

import contextlib
import os
import threading
import weakref
from queue import SimpleQueue
from typing import Protocol


class Closable(Protocol):
    def close_soon(self) -> None:
        """Without waiting for long; never raises."""


class _Janitor:
    """Of one process."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        # Its `put` may be called by the garbage collector, in the middle of anything.
        self.dropped: SimpleQueue[Closable] = SimpleQueue()
        threading.Thread(target=self._work, name="gymwire-janitor", daemon=True).start()

    def _work(self) -> None:
        while True:
            session = self.dropped.get()
            with contextlib.suppress(Exception):
                session.close_soon()
            # Else it lives until the next one is dropped.
            del session


_janitor: _Janitor | None = None
_lock = threading.Lock()


def close_when_dropped(owner: object, session: Closable) -> None:
    """
    The session is closed in a thread of its own when the garbage collector has taken the owner, to which the session
    must not refer. A process that was forked closes nothing of its parent's.
    """
    finalizer = weakref.finalize(owner, _drop, _janitor_of_this_process(), session)
    # At the end of the program, all that is open is closed at once: see session_stream.
    finalizer.atexit = False


def _drop(janitor: _Janitor, session: Closable) -> None:
    """Called by the garbage collector: takes no lock, does not wait, and calls nothing of gRPC's."""
    if janitor.pid == os.getpid():
        janitor.dropped.put(session)


def _janitor_of_this_process() -> _Janitor:
    global _janitor
    with _lock:
        if _janitor is None or _janitor.pid != os.getpid():
            _janitor = _Janitor()
        return _janitor


def _forget_parent() -> None:
    """Another thread may have held the lock when this process was forked."""
    global _lock, _janitor
    _lock, _janitor = threading.Lock(), None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_parent)
