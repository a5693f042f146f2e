"""The command lines of a fleet's servers."""

from __future__ import annotations

import pytest

from gymwire.ray.plan import FleetPlan


@pytest.mark.parametrize("kind", ["typescript", "python"])
@pytest.mark.parametrize(
    ("given", "told"),
    [
        ([], ["--drain-timeout-ms", "0"]),
        (["--drain-timeout-ms", "900"], ["--drain-timeout-ms", "900"]),
        (["--drain-timeout-ms=900"], ["--drain-timeout-ms=900"]),
    ],
)
def test_a_server_ends_with_its_actor_without_waiting_for_sessions_unless_told_otherwise(kind, given, told):
    plan = FleetPlan("default", ("Pendulum-v1",), 1, 1, kind, ("gymwire",), tuple(given))
    words = plan.serve("127.0.0.1", ["--token-file", "token"])
    assert [word for word in words if word.startswith("--drain")] == [told[0]]
    assert words[-len(told) :] == told
