from __future__ import annotations

import threading

import numpy as np
import pytest
from fake_robot import PlainDriver, Rig, observed

from gymwire.robot import RobotError, Sample

SAFE = "safe [0.5, -0.5]"


def fail(*_: object) -> None:
    raise OSError("the bus is gone")


def test_ticks_write_the_safe_action_from_the_start():
    rig = Rig()
    rig.advance(65)
    assert rig.driver.take() == [f"{SAFE} at 20", f"{SAFE} at 40", f"{SAFE} at 60"]


def test_late_ticks_keep_to_the_grid_and_missed_ones_are_counted():
    rig = Rig().ready()
    first = rig.act(0.1, 0)
    rig.stall(53)
    rig.advance(7)
    assert rig.driver.take() == ["action [0.1, 0] at 73", "hold [0.1, 0] at 80"]
    second = rig.act(0.2, 0)
    rig.advance(40)
    assert rig.driver.take() == ["action [0.2, 0] at 100", "hold [0.2, 0] at 120"]
    assert (observed(first).tick, observed(first).missed_ticks) == (4, 1)
    assert (observed(second).tick, observed(second).time_ms, observed(second).missed_ticks) == (6, 120, 0)


def test_ticks_do_not_drift_at_a_rate_that_no_float_hits():
    rig = Rig(period_ms=1000 / 30)
    rig.advance(600_010)
    assert len(rig.driver.written) == 18_000


def test_overruns_are_counted():
    rig = Rig().ready()
    answer = rig.act(0, 0)

    def dawdle() -> None:
        rig.driver.on_read = lambda: None
        rig.clock.ms += 25

    rig.driver.on_read = dawdle
    rig.advance(60)
    assert observed(answer).overruns == 1


def test_a_step_is_carried_out_at_the_next_tick_and_observed_at_the_one_after():
    rig = Rig().ready()
    rig.advance(5)
    answer = rig.act(0.25, 1)
    assert rig.driver.take() == []
    rig.advance(15)
    assert rig.driver.take() == ["action [0.25, 1] at 40"]
    assert not answer.is_given
    values = [7, 8]
    rig.driver.sample = Sample(values, age_ms=3)
    rig.advance(20)
    values[0] = 9
    assert rig.driver.take() == ["hold [0.25, 1] at 60"]
    seen = observed(answer)
    assert seen.values.tolist() == [7, 8]
    assert (seen.age_ms, seen.tick, seen.time_ms, seen.tick_delay_ms) == (3, 3, 60, 0)
    assert seen.command.tolist() == [0.25, 1]
    assert (seen.late_ticks, seen.missed_ticks, seen.overruns, seen.stopped_by, seen.is_over) == (0, 0, 0, "", False)


def test_a_client_that_answers_between_two_ticks_is_never_late():
    rig = Rig().ready()
    for i in range(20):
        answer = rig.act(i / 100, 0)
        rig.advance(40)
        assert observed(answer).late_ticks == 0
    assert [line.split(" ")[0] for line in rig.driver.written] == ["action", "hold"] * 20


@pytest.mark.parametrize(("rule", "expected"), [("hold", "hold [1, 1]"), ("zero", "zero [0, 0]"), ("safe", SAFE)])
def test_late_actions_follow_the_rule_and_are_counted(rule: str, expected: str):
    rig = Rig(late_actions=rule).ready()
    rig.act(1, 1)
    rig.advance(40)
    rig.driver.take()
    rig.advance(40)
    assert rig.driver.take() == [f"{expected} at 80", f"{expected} at 100"]
    answer = rig.act(-1, -1)
    rig.advance(40)
    assert observed(answer).late_ticks == 2


def test_the_watchdog_commands_the_safe_action_and_nothing_else_moves_the_robot_until_a_reset():
    rig = Rig().ready()
    rig.advance(1)
    rig.act(1, 1)
    rig.advance(199)
    assert rig.driver.last == "hold [1, 1] at 220"
    rig.advance(20)
    assert rig.driver.last == f"{SAFE} at 240"
    late = observed(rig.act(-1, -1))
    assert (late.stopped_by, late.is_over, late.late_ticks) == ("watchdog: no action for 219 ms", True, 8)
    rig.driver.take()
    rig.advance(1000)
    assert rig.driver.kinds == {"safe"}
    rig.ready()
    answer = rig.act(0, 0)
    rig.advance(40)
    assert (observed(answer).stopped_by, observed(answer).is_over) == ("", False)


def test_the_watchdog_acts_at_the_tick_at_which_its_time_is_up_and_not_before():
    rig = Rig().ready()
    rig.act(1, 1)
    rig.advance(180)
    assert rig.driver.last == "hold [1, 1] at 200"
    rig.advance(20)
    assert rig.driver.last == f"{SAFE} at 220"


def test_the_watchdog_leaves_alone_who_thinks_in_time_or_has_not_begun():
    rig = Rig().ready()
    rig.advance(60_000)
    for _ in range(10):
        answer = rig.act(1, 1)
        rig.advance(199)
        assert observed(answer).stopped_by == ""


def test_the_watchdog_acts_first_after_a_standstill():
    rig = Rig().ready()
    answer = rig.act(1, 1)
    rig.stall(300)
    assert rig.driver.take() == [f"{SAFE} at 320"]
    assert (observed(answer).is_over, observed(answer).missed_ticks) == (True, 14)


def test_an_action_takes_over_again_where_after_stop_says_so():
    rig = Rig(after_stop="resume").ready()
    rig.act(1, 1)
    rig.advance(300)
    assert rig.driver.last.startswith("safe")
    answer = rig.act(-1, -1)
    rig.advance(40)
    assert rig.driver.last.startswith("hold [-1, -1]")
    assert observed(answer).stopped_by.startswith("watchdog")
    assert not observed(answer).is_over


def test_limits_clip_each_dimension_and_say_which():
    rig = Rig(max_change_per_tick=np.array([0.25, 1]), high=np.array([0.75, 2])).ready()
    first = rig.act(5, -0.75)
    rig.advance(20)
    assert rig.driver.take() == ["action [0.75, -0.75] at 40"]
    rig.advance(20)
    assert observed(first).range_limited.tolist() == [True, False]
    assert observed(first).rate_limited.tolist() == [False, False]
    second = rig.act(-1, 2)
    rig.advance(40)
    assert rig.driver.take()[1:] == ["action [0.5, 0.25] at 80", "hold [0.25, 1.25] at 100"]
    assert observed(second).rate_limited.tolist() == [True, True]
    assert observed(second).command.tolist() == [0.5, 0.25]
    rig.loop.release("gone", may_resume=False)
    assert rig.driver.last == f"{SAFE} at 100"


def test_an_emergency_stop_acts_at_once_and_at_every_tick_until_it_is_cleared():
    rig = Rig().ready()
    step = rig.act(1, 1)
    rig.advance(25)
    rig.driver.take()
    rig.loop.emergency_stop("hand in the cell")
    assert rig.driver.take() == ["emergency-stop hand in the cell at 45"]
    assert (observed(step).is_over, observed(step).stopped_by) == (True, "emergency stop: hand in the cell")
    rig.advance(40)
    assert len(rig.driver.take()) == 2
    with pytest.raises(RobotError, match="hand in the cell"):
        rig.reset()
    rig.loop.clear_emergency_stop()
    rig.advance(20)
    assert rig.driver.last == f"{SAFE} at 100"
    assert observed(rig.act(1, 1)).is_over
    rig.ready()
    rig.act(1, 1)
    rig.advance(20)
    assert rig.driver.last.startswith("action [1, 1]")


def test_an_emergency_stop_by_the_robot_comes_back_while_its_cause_goes_on():
    rig = Rig(after_stop="resume").ready()
    rig.driver.sample = Sample([0, 0], emergency_stop="button")
    rig.advance(20)
    assert rig.driver.last.startswith("emergency-stop button")
    rig.loop.clear_emergency_stop()
    rig.advance(20)
    assert rig.driver.last.startswith("emergency-stop button")
    rig.driver.sample = Sample([0, 0])
    rig.advance(20)
    assert rig.driver.last.startswith("emergency-stop button")
    rig.loop.clear_emergency_stop()
    rig.act(1, 1)
    rig.advance(20)
    assert rig.driver.last.startswith("safe")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"on_read": fail}, "could not read: OSError: the bus is gone"),
        ({"on_write": fail}, "could not write: OSError: the bus is gone"),
        ({"sample": Sample([1])}, "2 numbers, got 1"),
        ({"sample": Sample([0, float("nan")])}, "number 1 of the sample is nan"),
        ({"sample": Sample([0, 0], age_ms=-1)}, "age of 0 ms or more, got -1"),
    ],
)
def test_a_driver_that_fails_is_stopped(change: dict[str, object], message: str):
    rig = Rig().ready()
    for name, value in change.items():
        setattr(rig.driver, name, value)
    rig.advance(60)
    assert rig.driver.last.startswith("emergency-stop")
    assert message in (rig.loop.emergency or "")


def test_the_safe_action_stands_in_for_an_emergency_stop():
    plain = Rig(PlainDriver).ready()
    plain.loop.emergency_stop("test")
    assert plain.driver.last.startswith(SAFE)
    failing = Rig().ready()
    failing.driver.emergency_stop = fail  # type: ignore[method-assign]
    failing.loop.emergency_stop("test")
    assert failing.driver.last.startswith(SAFE)


@pytest.mark.parametrize("allowed", [False, True])
def test_a_client_clears_an_emergency_stop_only_where_that_is_allowed(allowed: bool):
    rig = Rig(client_may_clear_stop=allowed).ready()
    rig.loop.emergency_stop("test")
    if allowed:
        rig.reset(clear_stop=True)
        assert rig.loop.emergency is None
    else:
        with pytest.raises(RobotError):
            rig.reset(clear_stop=True)


def test_a_client_that_goes_away_leaves_the_safe_action_at_once():
    rig = Rig().ready()
    answer = rig.act(1, 1)
    rig.advance(23)
    rig.loop.release("the stream ended", may_resume=True)
    assert rig.driver.last == f"{SAFE} at 43"
    assert (observed(answer).is_over, observed(answer).stopped_by) == (True, "the stream ended")
    assert observed(rig.act(1, 1)).is_over
    rig.driver.take()
    rig.advance(100)
    assert rig.driver.kinds == {"safe"}


def test_a_stale_observation_stops_the_robot():
    rig = Rig().ready()
    answer = rig.act(1, 1)
    rig.driver.sample = Sample([0, 0], age_ms=100)
    rig.advance(20)
    assert rig.driver.last.startswith("action")
    rig.driver.sample = Sample([0, 0], age_ms=120)
    rig.advance(20)
    assert rig.driver.last.startswith("safe")
    assert observed(answer).stopped_by == "stale observation: 120 ms old"


def test_a_reset_commands_within_limits():
    rig = Rig(max_change_per_tick=np.array([0.25, 1]))
    reset = rig.loop.begin_reset()
    rig.loop.reset_command(reset, [1, 5])
    rig.advance(60)
    assert rig.driver.take() == [
        f"{SAFE} at 0",
        "reset [0.75, 0.5] at 20",
        "reset [1, 1.5] at 40",
        "reset [1, 2] at 60",
    ]
    rig.advance(600_000)
    assert not reset.answer.is_given
    rig.loop.end_reset(reset)
    rig.driver.sample = Sample([3, 4])
    rig.advance(20)
    assert observed(reset.answer).values.tolist() == [3, 4]
    assert rig.driver.last.startswith(SAFE)


def test_a_reset_waits_for_ticks_and_is_cut_short_by_an_emergency_stop():
    rig = Rig()
    reset = rig.loop.begin_reset()
    seen: list[object] = []

    def drive() -> None:
        try:
            while True:
                seen.append(rig.loop.reset_tick(reset))
        except RobotError as error:
            seen.append(str(error))

    thread = threading.Thread(target=drive)
    thread.start()
    # Until the driver has seen two ticks, however the threads are scheduled.
    while len(seen) < 2:
        rig.advance(20)
    rig.loop.emergency_stop("test")
    thread.join()
    assert isinstance(seen[0], Sample)
    assert seen[-1] == "the reset was cut short: emergency stop: test"
    with pytest.raises(RobotError, match="the reset failed: emergency stop: test"):
        observed(reset.answer)
    with pytest.raises(RobotError, match="cut short"):
        rig.loop.reset_command(reset, [0, 0])


def test_what_a_driver_leaves_behind_has_no_say_after_its_reset():
    rig = Rig()
    reset = rig.loop.begin_reset()
    rig.loop.end_reset(reset)
    with pytest.raises(RobotError, match="the reset is over"):
        rig.loop.reset_command(reset, [1, 1])
    rig.advance(20)
    observed(reset.answer)
    with pytest.raises(RobotError, match="the reset is over"):
        rig.loop.reset_tick(reset)
    with pytest.raises(RobotError, match="the reset is over"):
        rig.loop.reset_confirmed(reset, "open the gripper")
    rig.advance(40)
    assert rig.driver.kinds == {"safe"}


def test_a_reset_needs_a_fresh_observation():
    rig = Rig()
    rig.driver.sample = None
    none = rig.reset()
    rig.advance(120)
    with pytest.raises(RobotError, match="fresh observation within 100 ms; none came"):
        observed(none)
    rig.driver.sample = Sample([0, 0], age_ms=500)
    stale = rig.reset()
    rig.advance(120)
    with pytest.raises(RobotError, match="the last one is 500 ms old"):
        observed(stale)


def test_closing_commands_the_safe_action_once_more():
    rig = Rig().ready()
    rig.act(1, 1)
    rig.advance(23)
    rig.driver.take()
    rig.loop.close()
    rig.loop.close()
    assert rig.driver.take() == [f"{SAFE} at 43"]
    rig.clock.ms += 100
    rig.loop.wake()
    assert rig.driver.take() == []
