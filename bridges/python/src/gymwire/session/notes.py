"""What the operator of a server should know though no request fails of it; each kind once."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import asdict, dataclass

from gymwire.session.client_text import ClientText

#: Of one environment. More different ones are not told: a log is no place to count in.
MAX_KINDS = 100


@dataclass(frozen=True)
class Note:
    #: What is told once: what happens, and where; no values, which are others the next time.
    kind: str
    text: str
    #: What may quote a client, for the level debug alone.
    details: str = ""

    def dump(self) -> bytes:
        return json.dumps(asdict(self)).encode()

    @classmethod
    def load(cls, payload: bytes) -> Note:
        return cls(**json.loads(payload))


class Notes:
    """Of one session."""

    def __init__(self, client_text: ClientText) -> None:
        self._client_text = client_text
        self._told: set[str] = set()
        #: Added to by whatever thread, taken by the one that answers.
        self._waiting: deque[Note] = deque()

    def add(self, note: Note) -> None:
        if note.kind not in self._told and len(self._told) < MAX_KINDS:
            self._told.add(note.kind)
            self._waiting.append(note)

    def add_quote(self, kind: str, text: str, anonymous: str) -> None:
        """
        In a simulator's words, which may be those of a client.

        :param anonymous: says as much as it can without them
        """
        if kind in self._told:
            return
        if self._client_text.is_in(text):
            self.add(Note(anonymous, f"{anonymous} (what exactly is at the level debug)", text))
        else:
            self.add(Note(kind, text))

    def take(self) -> list[Note]:
        """Those that were added since."""
        return [self._waiting.popleft() for _ in range(len(self._waiting))]
