"""What the operator of a server should know though no request fails of it; each once."""

from __future__ import annotations

from collections import deque

#: More different ones are not told: a log is no place to count in.
_MAX_NOTES = 1000


class Notes:
    def __init__(self) -> None:
        self._told: set[str] = set()
        #: Added to by whatever thread, taken by the one that answers.
        self._waiting: deque[str] = deque()

    def add(self, text: str) -> None:
        if text not in self._told and len(self._told) < _MAX_NOTES:
            self._told.add(text)
            self._waiting.append(text)

    def take(self) -> list[str]:
        """Those that were added since."""
        return [self._waiting.popleft() for _ in range(len(self._waiting))]
