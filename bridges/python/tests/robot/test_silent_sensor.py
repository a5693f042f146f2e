"""A sensor that dies must stop the robot, however its driver goes on."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from fake_robot import Rig, observed

from gymwire.robot import RobotError, Sample

SAFE = "safe [0.5, -0.5]"


def running_rig(**settings: Any) -> Rig:
    rig = Rig(**settings).ready()
    rig.act(0.1, 0.1)
    rig.advance(40)
    rig.driver.take()
    return rig


def step_until_over(rig: Rig, limit: int = 50) -> tuple[list[float], str]:
    """Steps as fast as the robot lets it. Returns the ages that were told, and what stopped the robot."""
    ages = []
    for _ in range(limit):
        answer = rig.act(0.1, 0.1)
        rig.advance(40)
        ages.append(observed(answer).age_ms)
        if observed(answer).is_over:
            return ages, observed(answer).stopped_by
    raise AssertionError(f"{limit} steps, and nothing stopped the robot; ages {ages}")


def same_array(_: Rig) -> Callable[[], Any]:
    values = np.array([1.0, 2.0])
    return lambda: Sample(values)


def same_stamp(rig: Rig) -> Callable[[], Any]:
    stamp_ms = rig.clock.ms
    return lambda: Sample([1, 2], measured_at_ms=stamp_ms)


def older_stamps(rig: Rig) -> Callable[[], Any]:
    stamps = iter(range(int(rig.clock.ms), 0, -1))
    return lambda: Sample([1, 2], measured_at_ms=next(stamps))


def constant(sample: Sample | None) -> Callable[[Rig], Callable[[], Any]]:
    return lambda _: lambda: sample


@pytest.mark.parametrize(
    ("hand_out", "message"),
    [
        (constant(None), "has handed out none"),
        (constant(Sample([1, 2])), "this sample again and again"),
        (constant(Sample([1, 2], age_ms=0)), "this sample again and again"),
        (same_array, "this sample again and again"),
        (same_stamp, "this sample again and again"),
        (older_stamps, "older ones"),
    ],
    ids=["nothing", "the same sample", "the same sample with its age then", "the same array", "stamp", "older stamps"],
)
def test_a_sensor_that_falls_silent_stops_the_robot_and_its_age_never_runs_backwards(
    hand_out: Callable[[Rig], Callable[[], Any]], message: str
):
    rig = running_rig()
    rig.driver.hand_out = hand_out(rig)
    ages, stopped_by = step_until_over(rig)
    assert stopped_by.startswith(("stale observation: 120 ms old", "stale observation: 140 ms old"))
    assert stopped_by.endswith(message)
    assert all(age > before for before, age in pairwise(ages))
    # At the first tick after its limit of 100 ms, not with the next step.
    first_safe = next(line for line in rig.driver.written if line.startswith("safe"))
    assert float(first_safe.rsplit(" ", 1)[1]) <= 60 + 20 + 120
    rig.driver.take()
    rig.advance(500)
    assert rig.driver.kinds == {"safe"}


def test_a_sensor_that_falls_silent_stops_the_robot_while_the_client_thinks():
    rig = running_rig(watchdog_ms=60_000)
    rig.driver.hand_out = lambda: None
    rig.advance(100)
    assert rig.driver.last == "hold [0.1, 0.1] at 160"
    rig.advance(20)
    assert rig.driver.last == f"{SAFE} at 180"
    rig.advance(5)
    late = observed(rig.act(0.1, 0.1))
    # Of the moment in which it is handed out.
    assert (late.is_over, late.age_ms) == (True, 125)
    assert late.stopped_by == "stale observation: 120 ms old; since then the driver has handed out none"


def test_a_sensor_that_died_after_the_reset_stops_the_robot_before_the_first_action_moves_it():
    rig = Rig().ready()
    rig.driver.hand_out = lambda: None
    rig.advance(1000)
    answer = rig.act(1, 1)
    rig.advance(20)
    assert (observed(answer).is_over, observed(answer).age_ms) == (True, 1020)
    assert rig.driver.kinds == {"safe"}


def test_a_robot_stays_stopped_when_its_sensor_comes_back_until_a_reset():
    rig = running_rig()
    rig.driver.hand_out = lambda: None
    step_until_over(rig)
    rig.driver.hand_out = None
    rig.driver.take()
    rig.advance(200)
    late = observed(rig.act(1, 1))
    assert (late.is_over, late.age_ms) == (True, 0)
    rig.advance(200)
    assert rig.driver.kinds == {"safe"}
    rig.ready()
    answer = rig.act(1, 1)
    rig.advance(40)
    assert (observed(answer).is_over, observed(answer).stopped_by) == (False, "")


def test_where_an_action_may_take_over_again_it_does_so_only_once_the_sensor_is_back():
    rig = running_rig(after_stop="resume")
    rig.driver.hand_out = lambda: None
    rig.advance(200)
    rig.driver.take()
    for _ in range(5):
        answer = rig.act(1, 1)
        rig.advance(40)
        assert observed(answer).stopped_by.startswith("stale observation")
    assert rig.driver.kinds == {"safe"}
    rig.driver.hand_out = None
    answer = rig.act(1, 1)
    rig.advance(40)
    assert (observed(answer).is_over, observed(answer).age_ms) == (False, 0)
    assert rig.driver.last.startswith("hold [1, 1]")


def test_a_driver_that_hands_out_each_sample_once_goes_on_as_long_as_they_come():
    rig = Rig()
    reads = iter(range(1000))

    def hand_out() -> Sample | None:
        tick = next(reads)
        return Sample([tick, 0]) if tick % 4 == 0 else None

    rig.driver.hand_out = hand_out
    answer = rig.reset()
    rig.advance(20)
    assert observed(answer).age_ms == 0
    ages = set()
    for _ in range(40):
        answer = rig.act(0.1, 0.1)
        rig.advance(40)
        assert not observed(answer).is_over
        ages.add(observed(answer).age_ms)
    assert ages == {0, 40}


def test_an_array_that_is_written_again_is_a_new_sample_while_its_numbers_change_or_their_age_is_told():
    rig = running_rig()
    values = np.zeros(2)

    def hand_out() -> Sample:
        values[0] += 1
        return Sample(values)

    rig.driver.hand_out = hand_out
    with pytest.raises(AssertionError, match="nothing stopped the robot"):
        step_until_over(rig)
    # A robot at rest, whose driver says that it has just looked.
    rig.driver.hand_out = lambda: Sample(values, age_ms=0)
    with pytest.raises(AssertionError, match="nothing stopped the robot"):
        step_until_over(rig)


def test_silence_while_the_loop_itself_stands_still_stops_it_at_the_first_tick_after():
    rig = running_rig(watchdog_ms=60_000)
    rig.driver.hand_out = lambda: None
    rig.stall(5000)
    assert rig.driver.take() == [f"{SAFE} at 5060"]


def test_the_watchdog_counts_the_time_that_a_read_took():
    rig = running_rig()

    def dawdle() -> None:
        rig.driver.on_read = lambda: None
        rig.clock.ms += 5000

    rig.driver.on_read = dawdle
    rig.advance(20)
    assert rig.driver.take()[0].startswith("safe")


def test_silence_cuts_short_a_reset_that_moves_the_robot():
    rig = Rig()
    reset = rig.loop.begin_reset()
    rig.loop.reset_command(reset, [1, 1])
    rig.advance(100)
    rig.driver.hand_out = lambda: None
    rig.advance(100)
    assert rig.driver.last.startswith("reset")
    rig.advance(20)
    assert rig.driver.last == f"{SAFE} at 220"
    with pytest.raises(RobotError, match=r"^the reset failed: stale observation: 120 ms old; since then .* none$"):
        observed(reset.answer)
    with pytest.raises(RobotError, match="cut short: stale observation"):
        rig.loop.reset_command(reset, [1, 1])
    rig.driver.hand_out = None
    rig.loop.end_reset(reset)
    rig.ready()


def test_a_reset_may_bring_a_silent_sensor_back():
    rig = running_rig()
    rig.driver.hand_out = lambda: None
    step_until_over(rig)
    reset = rig.loop.begin_reset()
    rig.advance(1000)
    assert not reset.answer.is_given
    rig.driver.hand_out = None
    rig.advance(20)
    rig.loop.reset_command(reset, [1, 1])
    rig.advance(20)
    assert rig.driver.last.startswith("reset")
    rig.loop.end_reset(reset)
    rig.advance(20)
    assert (observed(reset.answer).is_over, observed(reset.answer).age_ms) == (False, 0)


def test_a_reset_that_begins_without_samples_has_the_same_time_to_get_them():
    rig = Rig()
    rig.driver.hand_out = lambda: None
    reset = rig.loop.begin_reset()
    rig.loop.reset_command(reset, [1, 1])
    rig.advance(100)
    assert rig.driver.last.startswith("reset")
    rig.driver.hand_out = None
    rig.advance(20)
    rig.loop.end_reset(reset)
    rig.advance(20)
    assert not observed(reset.answer).is_over


def test_no_episode_begins_with_an_observation_from_before_its_reset():
    rig = Rig()
    reset = rig.loop.begin_reset()
    rig.advance(30)
    rig.driver.hand_out = lambda: None
    rig.loop.end_reset(reset)
    rig.advance(120)
    with pytest.raises(RobotError, match=r"fresh observation within 100 ms; the last one is 120 ms old; .* none$"):
        observed(reset.answer)


def test_silence_from_the_start_is_told():
    rig = Rig()
    rig.driver.hand_out = lambda: None
    answer = rig.reset()
    rig.advance(120)
    with pytest.raises(RobotError, match="expected a fresh observation within 100 ms; none came"):
        observed(answer)
    with pytest.raises(RobotError, match="has not sent an observation yet"):
        observed(rig.act(1, 1))


def test_time_stamps_tell_the_age_by_the_clock_of_the_loop():
    rig = running_rig()
    rig.driver.hand_out = lambda: Sample([1, 2], measured_at_ms=rig.clock.ms - 7)
    answer = rig.act(0.1, 0.1)
    rig.advance(40)
    assert observed(answer).age_ms == 7


def test_an_older_sample_changes_nothing_and_is_told_once(caplog: pytest.LogCaptureFixture):
    rig = running_rig()
    seen = [0, 0.0]

    def hand_out() -> Sample:
        # Every other datagram was overtaken.
        seen[0] += 1
        seen[1] = seen[1] - 1 if seen[0] % 2 == 0 else rig.clock.ms - 3
        return Sample([seen[0], 0], measured_at_ms=seen[1])

    rig.driver.hand_out = hand_out
    for _ in range(20):
        answer = rig.act(0.1, 0.1)
        rig.advance(40)
        seen_now = observed(answer)
        assert (seen_now.values[0] % 2, seen_now.age_ms, seen_now.is_over) == (1, 23, False)
    assert [record.message for record in caplog.records if "is ignored" in record.message] == [
        "the driver handed out a sample whose measured_at_ms is before that of the one before: it is ignored, as are "
        "more of them"
    ]


def test_time_stamps_may_start_anew_with_a_reset():
    rig = running_rig()
    rig.driver.hand_out = lambda: Sample([1, 2], measured_at_ms=rig.clock.ms)
    rig.advance(20)
    rig.driver.hand_out = lambda: Sample([3, 4], measured_at_ms=rig.clock.ms - 50)
    answer = rig.reset()
    rig.advance(20)
    assert (observed(answer).values.tolist(), observed(answer).age_ms) == ([3, 4], 50)
    step = rig.act(0.1, 0.1)
    rig.advance(40)
    assert (observed(step).age_ms, observed(step).is_over) == (50, False)


@pytest.mark.parametrize(
    ("sample", "message"),
    [
        (lambda now: Sample([1, 2], measured_at_ms=now + 5), "which has not come yet: is it of another clock?"),
        (lambda _: Sample([1, 2], measured_at_ms=1_795_000_000_000), "not come yet: is it of another clock"),
        (lambda now: Sample([1, 2], measured_at_ms=now / 1000), "which looks like seconds"),
        (lambda now: Sample([1, 2], measured_at_ms=now * 1000), "looks like microseconds"),
        (lambda now: Sample([1, 2], measured_at_ms=now * 1e6), "looks like nanoseconds"),
        (lambda _: Sample([1, 2], measured_at_ms="1000"), "got '1000'"),
        (lambda _: Sample([1, 2], measured_at_ms=math.nan), "got nan"),
        (lambda now: Sample([1, 2], 0, measured_at_ms=now), "an age_ms or a measured_at_ms, got both"),
        (lambda _: Sample([1, 2], "5"), "age of 0 ms or more, got '5'"),
        (lambda _: Sample([1, 2], math.nan), "age of 0 ms or more, got nan"),
        (lambda _: Sample([math.inf, 2]), "number 0 of the sample is inf"),
        (lambda _: [1, 2], "expected a Sample or None, got list"),
        (lambda _: {"values": [1, 2]}, "expected a Sample or None, got dict"),
        (lambda _: False, "expected a Sample or None, got bool"),
    ],
)
def test_what_is_no_sample_is_refused_with_the_reason(sample: Callable[[float], Any], message: str):
    rig = running_rig()
    rig.advance(60_000)
    rig.driver.hand_out = lambda: sample(rig.clock.ms)
    rig.advance(20)
    assert rig.driver.last.startswith("emergency-stop")
    assert message in (rig.loop.emergency or "")


def test_a_read_that_is_async_is_refused_with_the_reason():
    async def read() -> Sample:
        return Sample([0, 0])

    rig = running_rig()
    rig.driver.hand_out = read
    rig.advance(20)
    assert rig.driver.last.startswith("emergency-stop")
    assert "read must not be async" in (rig.loop.emergency or "")


def test_time_stamps_that_were_rounded_up_are_not_of_the_future():
    rig = running_rig()
    rig.driver.hand_out = lambda: Sample([1, 2], measured_at_ms=rig.clock.ms + 0.9)
    answer = rig.act(0.1, 0.1)
    rig.advance(40)
    assert (observed(answer).age_ms, observed(answer).is_over) == (0, False)


def test_the_driver_of_a_reset_hears_of_the_silence_while_it_waits_for_a_tick():
    rig = Rig()
    reset = rig.loop.begin_reset()
    rig.loop.reset_command(reset, [1, 1])
    rig.driver.hand_out = lambda: None
    seen: list[object] = []

    def drive() -> None:
        try:
            while True:
                seen.append(rig.loop.reset_tick(reset))
        except RobotError as error:
            seen.append(str(error))

    thread = threading.Thread(target=drive)
    thread.start()
    while thread.is_alive():
        rig.advance(20)
    assert str(seen[-1]).startswith("the reset was cut short: stale observation: ")
    assert set(seen[:-1]) <= {None}
