"""A process of another program that ends with this one, whatever ends this one: see `keeper.py`."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path

_KEEPER = str(Path(__file__).with_name("keeper.py"))
_KEPT_LINES = 20


class KeptProcess:
    """
    Started when it is made. Its stderr goes on to this process's, which Ray keeps as the actor's log.

    :param ending: the signal that asks it to end
    :param grace_s: it is killed when it is not over as long after that
    :param secrets: a folder of its own that is deleted when it was ended, even if nobody else is left to do so
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        ending: signal.Signals,
        grace_s: float,
        secrets: Path | None = None,
    ) -> None:
        # In a session of its own: what ends this process's group must let it do its work.
        self._process = subprocess.Popen(  # noqa: S603 -- what the operator named
            [sys.executable, "-I", _KEEPER, ending.name, str(grace_s), str(secrets or ""), *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
        self._last: deque[str] = deque(maxlen=_KEPT_LINES)
        self._reader = threading.Thread(target=self._forward, name="gymwire-stderr", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """Of its keeper."""
        return self._process.pid

    @property
    def last_words(self) -> str:
        """The end of its stderr."""
        self._reader.join(1.0)
        return "".join(self._last).strip()

    def lines(self) -> Iterator[str]:
        """Of its stdout, until it is closed. Who stops listening may go on later."""
        # Not `yield from`: a generator that is dropped closes what it yields from.
        for line in self._process.stdout or ():  # noqa: UP028
            yield line

    def wait(self) -> int:
        """The exit code: 128 and more for a signal."""
        return self._process.wait()

    def end(self) -> int:
        """Asks it to end, and waits until it has. A second call waits too."""
        with contextlib.suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()
        return self._process.wait()

    def _forward(self) -> None:
        for line in self._process.stderr or ():
            self._last.append(line)
            print(line, end="", file=sys.stderr, flush=True)  # noqa: T201
