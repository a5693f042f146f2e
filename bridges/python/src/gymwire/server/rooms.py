"""Rooms for requests on their way in."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator

from gymwire.server.shares import is_nameless


class Rooms:
    """A few at a time of each connection; the others of that connection wait."""

    def __init__(self, at_once: int) -> None:
        self._rooms: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(at_once))
        self._users: defaultdict[str, int] = defaultdict(int)

    @contextlib.asynccontextmanager
    async def one_in(self, connection: str) -> AsyncIterator[None]:
        if is_nameless(connection):
            # One room for all clients of a socket would be one that a silent client closes to the others.
            yield
            return
        self._users[connection] += 1
        try:
            async with self._rooms[connection]:
                yield
        finally:
            self._users[connection] -= 1
            if self._users[connection] == 0:
                del self._users[connection], self._rooms[connection]
