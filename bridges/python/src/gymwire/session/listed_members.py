"""Methods and attributes beyond Gymnasium's own: the operator lists them, and nothing else is called or read."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from gymwire.errors import GymwireError

_NAME = re.compile(r"[A-Za-z]\w*\Z", re.ASCII)

# The server's own to call: their order and limits are its concern.
_OWN = {"reset", "step", "render", "detach", "close"}


@dataclass(frozen=True)
class ListedMembers:
    methods: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()

    def expect(self, what: str, name: str) -> None:
        """
        :param what: "call" or "read"
        :raises GymwireError: UNSUPPORTED, naming what is listed
        """
        kind, listed = ("method", self.methods) if what == "call" else ("attribute", self.attributes)
        if name not in listed:
            known = ", ".join(listed) or "none"
            raise GymwireError("UNSUPPORTED", f"{what}: no {kind} {name!r} is listed here; listed: {known}")


@dataclass(frozen=True)
class Recipe:
    """What a session's process makes its environments from."""

    make: Callable[..., Any]
    members: ListedMembers


def listed_members(env_id: str, methods: Sequence[str], attributes: Sequence[str]) -> ListedMembers:
    """Raises GymwireError INVALID_ARGUMENT, with what to do."""
    seen: set[str] = set()
    for kind, names in (("methods", methods), ("attributes", attributes)):
        if isinstance(names, str):
            raise _refused(env_id, kind, names, "is one name: write a tuple of names")
        for name in names:
            if not isinstance(name, str) or not _NAME.match(name):
                raise _refused(
                    env_id, kind, name, "is no name that clients could use: a letter, then letters, digits, _"
                )
            if name in _OWN:
                raise _refused(env_id, kind, name, "cannot be listed: it is the server's own to call")
            if name in seen:
                raise _refused(env_id, kind, name, "is listed twice")
            seen.add(name)
    return ListedMembers(tuple(methods), tuple(attributes))


def member_of(env: Any, name: str) -> Any:
    """
    Also of what Gymnasium's wrappers are around.

    Raises GymwireError UNSUPPORTED where there is none.
    """
    look = getattr(env, "get_wrapper_attr", None)
    try:
        return getattr(env, name) if look is None else look(name)
    except AttributeError as error:
        raise GymwireError("UNSUPPORTED", f"{name} is listed, and the environment has none: {error}") from error


def _refused(env_id: str, kind: str, name: object, why: str) -> GymwireError:
    return GymwireError("INVALID_ARGUMENT", f"{env_id}: {kind}: {name!r} {why}")
