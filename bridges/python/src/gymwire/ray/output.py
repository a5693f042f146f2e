"""Where a command's words go, as those of the `gymwire` command do: text for people, or one JSON object a line."""

from __future__ import annotations

import json
import os
import sys
from typing import Any


class Output:
    """Made once, as the first thing: stdout is for results alone from then on."""

    def __init__(self, is_json: bool) -> None:
        self._is_json = is_json
        # Ray and Tune print what they like, some of it past Python. It goes to stderr.
        self._stdout = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(2, 1)

    def say(self, text: str) -> None:
        """A line for people; nothing in JSON."""
        if not self._is_json:
            print(text, file=self._stdout, flush=True)

    def event(self, kind: str, **fields: Any) -> None:
        """Something that happened; nothing for people."""
        if self._is_json:
            print(json.dumps({"type": kind, **fields}), file=self._stdout, flush=True)

    def note(self, text: str) -> None:
        """Something to know that is no result; stderr either way."""
        print(text, file=sys.stderr, flush=True)  # noqa: T201

    def error(self, code: str, message: str) -> None:
        self.event("error", code=code, message=message)
        self.note(f"error {code}: {message}")
