"""
How many hosts a fleet should have, and who trains on which.

The rule: as many as all trainings under way ask for together, at least `minimum` and at most `maximum`. More are
wanted at once; fewer only when that has held for `idle_s`. Where hosts come from (free places, the nodes that Ray's
autoscaler adds for actors that wait for one) is Ray's affair.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

#: A training renews its lease every few seconds. One that was killed with its machine never gives it back.
EXPIRY_S = 60.0


@dataclass
class _Lease:
    hosts: int
    renewed_at: float
    #: The numbers of its hosts.
    held: list[int] = field(default_factory=list)


class Leases:
    """:param clock: seconds that only grow"""

    def __init__(self, minimum: int, maximum: int, idle_s: float, clock: Callable[[], float]) -> None:
        self._minimum = minimum
        self._maximum = maximum
        self._idle_s = idle_s
        self._clock = clock
        self._leases: dict[str, _Lease] = {}
        self._wanted = minimum
        #: Since when fewer are asked for than are wanted.
        self._fewer_since: float | None = None

    def hold(self, name: str, hosts: int) -> None:
        """Takes a lease, or renews it."""
        lease = self._leases.get(name)
        if lease is None:
            self._leases[name] = _Lease(hosts, self._clock())
        else:
            lease.hosts, lease.renewed_at = hosts, self._clock()

    def release(self, name: str) -> None:
        self._leases.pop(name, None)

    def wanted(self) -> int:
        """As of now; to be asked again and again."""
        now = self._clock()
        self._leases = {name: one for name, one in self._leases.items() if now - one.renewed_at < EXPIRY_S}
        asked = sum(lease.hosts for lease in self._leases.values())
        target = min(max(asked, self._minimum), self._maximum)
        if target >= self._wanted:
            self._wanted, self._fewer_since = target, None
        elif self._fewer_since is None:
            self._fewer_since = now
        elif now - self._fewer_since >= self._idle_s:
            self._wanted, self._fewer_since = target, None
        return self._wanted

    def hosts_of(self, name: str, ready: Sequence[int]) -> list[int]:
        """
        The hosts that a training uses, of those that are ready: those that it had, and then those with the fewest
        others on them. Where there are fewer than it asked for, all.
        """
        lease = self._leases[name]
        lease.held = [host for host in lease.held if host in ready][: lease.hosts]
        others = [lease_.held for key, lease_ in self._leases.items() if key != name]
        free = sorted((host for host in ready if host not in lease.held), key=lambda host: _uses(host, others))
        lease.held += free[: lease.hosts - len(lease.held)]
        return sorted(lease.held)

    def in_use(self) -> set[int]:
        return {host for lease in self._leases.values() for host in lease.held}


def _uses(host: int, held: Iterable[Sequence[int]]) -> int:
    return sum(host in hosts for hosts in held)
