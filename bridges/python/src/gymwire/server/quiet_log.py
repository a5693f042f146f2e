"""
The server's log: a line a record, a few records of a kind a minute. Clients can make a server complain as often as they
like, and with what text they like; the disk and the terminal of the operator are not theirs.
"""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from dataclasses import dataclass

#: Of one kind in one window.
MAX_RECORDS = 10
WINDOW_S = 60.0
_MAX_LINES = 60
#: Of one environment.
_MAX_TOLD = 100
_MAX_LINE_LENGTH = 500


@dataclass
class _Window:
    began: float
    count: int = 0

    @property
    def left_out(self) -> int:
        return max(0, self.count - MAX_RECORDS)


class QuietLog:
    """What is over the rate is counted, and the count told with the next record, or at the end."""

    def __init__(self, name: str = "gymwire") -> None:
        self._log = logging.getLogger(name)
        self._windows: dict[str, _Window] = {}

    def debug(self, text: str) -> None:
        """Text of clients, escaped; as often as it comes."""
        if self._log.isEnabledFor(logging.DEBUG):
            self._log.debug("%s", on_one_line(text))

    def info(self, kind: str, text: str, details: str = "") -> None:
        self._tell(logging.INFO, kind, text, details)

    def warning(self, kind: str, text: str, details: str = "") -> None:
        """
        :param kind: what is counted together; never of a client
        :param details: more lines, such as a traceback; each is marked, so that none can be taken for another record
        """
        self._tell(logging.WARNING, kind, text, details)

    def fault(self, text: str, thrown: BaseException) -> None:
        """Of this program."""
        if self._may_speak(logging.ERROR, "fault"):
            self._log.error("%s", on_one_line(text), exc_info=thrown)

    def flush(self) -> None:
        """Tells what was left out so far."""
        windows, self._windows = self._windows, {}
        for kind, window in windows.items():
            self._tell_rest(kind, window)

    def _tell(self, level: int, kind: str, text: str, details: str) -> None:
        if self._log.isEnabledFor(level) and self._may_speak(level, kind):
            self._log.log(level, "%s", on_one_line(text) + _indented(details))

    def _may_speak(self, level: int, kind: str) -> bool:
        now = time.monotonic()
        window = self._windows.get(kind)
        if window is None or now - window.began >= WINDOW_S:
            self._windows[kind] = _Window(now)
            if window is not None:
                self._tell_rest(kind, window, level)
            window = self._windows[kind]
        window.count += 1
        return window.count <= MAX_RECORDS

    def _tell_rest(self, kind: str, window: _Window, level: int = logging.WARNING) -> None:
        if window.left_out > 0:
            self._log.log(level, "%d more records of the kind %r were left out", window.left_out, kind)


class Once:
    """Warnings that a server tells once in its life; of each environment so many different ones."""

    def __init__(self, name: str = "gymwire") -> None:
        self._log = logging.getLogger(name)
        self._told: defaultdict[str, set[str]] = defaultdict(set)

    def warning(self, env_id: str, kind: str, text: str) -> None:
        """:param kind: what is told once; no values, or one that counts would use up what may be told"""
        told = self._told[env_id]
        if kind in told or len(told) >= _MAX_TOLD:
            return
        told.add(kind)
        self._log.warning("%s", on_one_line(text))


def on_one_line(text: str) -> str:
    """Line ends, control characters and what else no terminal should be told, as Python writes them in a literal."""
    cut = text if len(text) <= _MAX_LINE_LENGTH else f"{text[:_MAX_LINE_LENGTH]}… ({len(text)} characters)"
    return "".join(character if character.isprintable() else repr(character)[1:-1] for character in cut)


def _indented(details: str) -> str:
    lines = details.splitlines()
    shown = lines if len(lines) <= _MAX_LINES else [f"… {len(lines) - _MAX_LINES} lines …", *lines[-_MAX_LINES:]]
    return "".join(f"\n    | {on_one_line(line)}" for line in shown)


#: Of this process's servers.
quiet_log = QuietLog()
