"""Places of which a server has so many in all: who takes most of them leaves some for each of the others."""

from __future__ import annotations

from collections import Counter

from gymwire.server_address import is_unix_address


def is_nameless(peer: str) -> bool:
    """Whether connections cannot be told from each other by their names: all clients of a Unix socket have the same."""
    return is_unix_address(peer)


class Shares:
    """Places; from `in_all` on, only connections that have fewer than `few` get another one."""

    def __init__(self, in_all: int, few: int) -> None:
        self._in_all = in_all
        self._few = few
        self._total = 0
        self._by_peer: Counter[str] = Counter()

    def __len__(self) -> int:
        return self._total

    def take(self, peer: str) -> bool:
        """Whether there was a place. Who has got one leaves it, once."""
        if self._total >= self._in_all and not self._has_few(peer):
            return False
        self._total += 1
        self._by_peer[peer] += 1
        return True

    def leave(self, peer: str) -> None:
        self._total -= 1
        self._by_peer[peer] -= 1
        if self._by_peer[peer] == 0:
            del self._by_peer[peer]

    def _has_few(self, peer: str) -> bool:
        # Clients of this machine's own socket: whoever may open it is trusted with as many again.
        return self._total < 2 * self._in_all if is_nameless(peer) else self._by_peer[peer] < self._few
