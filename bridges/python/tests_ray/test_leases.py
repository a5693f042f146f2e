"""The rule by which a fleet grows and shrinks, by a clock of the test's."""

from __future__ import annotations

from gymwire.ray.leases import EXPIRY_S, Leases


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def leases(minimum=1, maximum=3, idle_s=10.0):
    clock = Clock()
    return Leases(minimum, maximum, idle_s, clock), clock


def test_as_many_as_all_ask_for_between_the_least_and_the_most():
    fleet, _ = leases()
    assert fleet.wanted() == 1
    fleet.hold("a", 2)
    assert fleet.wanted() == 2
    fleet.hold("b", 5)
    assert fleet.wanted() == 3


def test_more_at_once_and_fewer_when_that_has_held():
    fleet, clock = leases()
    fleet.hold("a", 3)
    assert fleet.wanted() == 3
    fleet.release("a")
    assert fleet.wanted() == 3
    clock.now = 9.0
    assert fleet.wanted() == 3
    # Who comes in between begins it anew.
    fleet.hold("b", 3)
    assert fleet.wanted() == 3
    fleet.release("b")
    clock.now = 18.0
    assert fleet.wanted() == 3
    clock.now = 27.0
    assert fleet.wanted() == 3
    clock.now = 28.0
    assert fleet.wanted() == 1


def test_a_lease_that_nobody_renews_is_over():
    fleet, clock = leases(idle_s=0.0)
    fleet.hold("a", 3)
    assert fleet.wanted() == 3
    clock.now = EXPIRY_S
    fleet.wanted()
    assert (fleet.wanted(), fleet.in_use()) == (1, set())


def test_trainings_are_spread_over_hosts_and_stay_where_they_are():
    fleet, _ = leases(maximum=4)
    for name in "abc":
        fleet.hold(name, 1)
    assert [fleet.hosts_of(name, [0, 1]) for name in "abc"] == [[0], [1], [0]]
    fleet.hold("d", 2)
    # One more is ready now, and nobody is on it.
    assert fleet.hosts_of("d", [0, 1, 2]) == [1, 2]
    assert fleet.hosts_of("c", [0, 1, 2]) == [0]
    # A host is lost: who was on it gets another one.
    assert fleet.hosts_of("a", [1, 2]) == [2]
    assert fleet.in_use() == {0, 1, 2}


def test_who_asks_for_more_than_there_are_gets_all():
    fleet, _ = leases()
    fleet.hold("a", 3)
    assert fleet.hosts_of("a", [0]) == [0]
    assert fleet.hosts_of("a", []) == []
