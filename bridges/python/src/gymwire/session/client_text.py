"""What a client has said in words: a simulator may remember it, and say it in any later message."""

from __future__ import annotations

import re
from collections.abc import Iterator

from google.protobuf.message import Message

_FRAGMENT = re.compile(r"\w{3,}")
#: Long texts are shown cut, by whoever quotes them.
_FRAGMENT_LENGTH = 20
#: Whose client says more is taken to be quoted everywhere.
_MAX_FRAGMENTS = 1000

# Names in them are the operator's: of spaces, methods and arguments, which were checked.
_OPERATORS = {"session_id", "env_id", "render_mode", "name"}
# Dictionaries whose keys nobody has checked.
_OPEN = {
    "gymwire.v1.ResetRequest.options",
    "gymwire.v1.CallMethodRequest.arguments",
    "gymwire.v1.CallMethodRequest.keyword_arguments",
}


class ClientText:
    """Of one session. A text that may quote its client has no place in a log that clients could fill with lies."""

    def __init__(self) -> None:
        self._is_speaking = False
        self._fragments: set[str] = set()

    def hear(self, request: Message) -> None:
        """The request at hand."""
        self._is_speaking = False
        for text in _texts_in(request, keys=False):
            self._is_speaking = self._is_speaking or text != ""
            for found in _FRAGMENT.finditer(text):
                if len(self._fragments) >= _MAX_FRAGMENTS:
                    return
                self._fragments.add(found.group()[:_FRAGMENT_LENGTH])

    def hear_numbers(self) -> None:
        """The request at hand has no room for words."""
        self._is_speaking = False

    def is_in(self, text: str) -> bool:
        """What answers words may turn and cut them; of what comes later it is known by the words that it holds."""
        if self._is_speaking:
            return True
        return len(self._fragments) >= _MAX_FRAGMENTS or any(fragment in text for fragment in self._fragments)


def _texts_in(message: Message, *, keys: bool) -> Iterator[str]:
    """All that a client could have written into a request, other than numbers."""
    for field, value in message.ListFields():
        if field.name in _OPERATORS or (field.name == "key" and not keys):
            continue
        if field.message_type is not None:
            for one in value if field.is_repeated else (value,):
                yield from _texts_in(one, keys=keys or field.full_name in _OPEN)
        elif field.type == field.TYPE_STRING:
            yield value
        elif field.full_name == "gymwire.v1.Value.bytes":
            yield value.decode("latin-1")
