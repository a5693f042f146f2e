from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fake_robot import FakeDriver, ManualClock
from gymnasium import spaces
from gymnasium.envs.registration import EnvSpec
from gymnasium.utils.env_checker import check_env

from gymwire import GymwireError
from gymwire.robot import RobotCell, RobotEnv, RobotError, RobotStep, Sample, Verdict
from gymwire.robot.settings import resolve_settings

SPACES = (spaces.Box(-10, 10, (2,), np.float32), spaces.Box(np.float32([-1, -2]), np.float32([1, 2])))


def judge(step: RobotStep) -> Verdict:
    reward = step.observation[0] - step.previous_observation[0]
    return Verdict(reward, terminated=bool(step.observation[0] > 5), info={"is_far": bool(step.observation[0] > 3)})


def make(clock: ManualClock | None = None, **options: Any) -> tuple[RobotEnv, FakeDriver]:
    clock = clock or ManualClock()
    driver = FakeDriver(clock)
    settings: dict[str, Any] = {"control_rate_hz": 50, "safe_action": [0.5, -0.5], **options}
    return RobotEnv(driver, *SPACES, judge, clock=clock, **settings), driver


def test_it_is_an_environment():
    env, driver = make()
    driver.sample = Sample([1, 0], age_ms=2)
    observation, info = env.reset(seed=1)
    assert observation.dtype == np.float32
    assert observation.tolist() == [1, 0]
    assert (info["tick"], info["observation_age_ms"]) == (1, 2)
    driver.sample = Sample([3.5, 0])
    observation, reward, terminated, truncated, info = env.step(np.float32([2, 0]))
    assert (reward, terminated, truncated) == (2.5, False, False)
    assert info["command"].tolist() == [1, 0]
    assert info["range_limited"].tolist() == [True, False]
    types = {key: type(value) for key, value in info.items()}
    assert types == {
        "is_far": bool,
        "tick": int,
        "time_ms": float,
        "tick_delay_ms": float,
        "observation_age_ms": float,
        "command": np.ndarray,
        "range_limited": np.ndarray,
        "rate_limited": np.ndarray,
        "late_ticks": int,
        "missed_ticks": int,
        "overruns": int,
        "stopped_by": str,
    }
    driver.sample = Sample([5.5, 0])
    assert env.step(np.float32([0, 0]))[2] is True
    # Not at some later tick: nobody is in control of an episode that is over.
    assert driver.last.startswith("safe")
    env.close()
    env.close()
    assert driver.calls == ["open", "close"]


def test_gymnasium_finds_nothing_wrong_with_it():
    env, driver = make()
    env.spec = EnvSpec("Arm-v0", nondeterministic=True)
    driver.sample = Sample([0, 0])
    check_env(env, skip_render_check=True, skip_close_check=True)


def test_the_reset_of_the_driver_gets_seed_and_options_and_its_fault_is_told():
    env, driver = make()
    seen: list[Any] = []
    driver.on_reset = lambda context: seen.append((context.seed, context.options))
    env.reset(seed=7, options={"slowly": True})
    assert seen == [(7, {"slowly": True})]

    def fail(_: Any) -> None:
        raise OSError("the bus is gone")

    driver.on_reset = fail
    with pytest.raises(RobotError, match="the reset failed: OSError: the bus is gone"):
        env.reset()
    assert driver.last.startswith("safe")


def make_live(**options: Any) -> tuple[RobotEnv, FakeDriver]:
    """By the machine's clock, with the loop in its thread."""
    driver = FakeDriver(ManualClock())
    settings: dict[str, Any] = {"control_rate_hz": 200, "safe_action": [0.5, -0.5], **options}
    return RobotEnv(driver, *SPACES, judge, **settings), driver


@pytest.mark.parametrize("confirms", ["the environment", "a cell's program"])
def test_a_reset_waits_for_a_person(tmp_path: Path, confirms: str):
    env, driver = make_live(cell=RobotCell(tmp_path))
    operator = RobotCell(tmp_path)
    asked: list[str] = []

    def drive(context: Any) -> None:
        for message in ("open the gripper", "put the cube in"):
            context.confirmed(message)
            asked.append(message)

    def help_out() -> None:
        for message in ("open the gripper", "put the cube in"):
            while operator.instruction != message:
                time.sleep(0.001)
            if confirms == "the environment":
                env.confirm()
            else:
                operator.confirm()

    driver.on_reset = drive
    person = threading.Thread(target=help_out, daemon=True)
    person.start()
    env.reset()
    person.join()
    assert asked == ["open the gripper", "put the cube in"]
    assert operator.instruction is None
    env.close()


def test_what_cuts_a_reset_short_reaches_its_driver_wherever_it_waits(tmp_path: Path):
    env, driver = make_live(cell=RobotCell(tmp_path))
    operator = RobotCell(tmp_path)
    reasons: list[str | None] = []
    waiting = threading.Event()

    def sleep(context: Any) -> None:
        waiting.set()
        assert context.signal.wait(60)
        reasons.append(context.signal.reason)
        context.signal.raise_if_aborted()

    def ask(context: Any) -> None:
        assert not context.signal.aborted
        context.confirmed("open the gripper")

    driver.on_reset = sleep
    stop = threading.Thread(target=lambda: (waiting.wait(60), operator.emergency_stop("hand in the cell")))
    stop.start()
    with pytest.raises(RobotError, match="the reset failed: emergency stop: hand in the cell"):
        env.reset()
    stop.join()
    assert reasons == ["emergency stop: hand in the cell"]
    env.clear_emergency_stop()
    driver.on_reset = ask

    def leave() -> None:
        while operator.instruction is None:
            time.sleep(0.001)
        env.detach()

    gone = threading.Thread(target=leave)
    gone.start()
    with pytest.raises(RobotError, match="the reset failed: the client's stream ended"):
        env.reset()
    gone.join()
    # Nobody is asked any more.
    assert operator.instruction is None
    driver.on_reset = lambda _: None
    env.reset()
    env.close()


def test_a_question_of_a_process_that_died_is_asked_no_more(tmp_path: Path):
    RobotCell(tmp_path).instruct("open the gripper")
    env, _ = make(cell=RobotCell(tmp_path))
    env.reset()
    assert RobotCell(tmp_path).instruction is None


def test_a_reset_that_its_user_interrupts_is_over():
    env, driver = make()

    def interrupt(_: Any) -> None:
        raise KeyboardInterrupt

    driver.on_reset = interrupt
    with pytest.raises(KeyboardInterrupt):
        env.reset()
    driver.on_reset = lambda _: None
    env.reset()


def test_an_emergency_stop_truncates_and_holds():
    env, _ = make()
    env.reset()
    env.emergency_stop("hand in the cell")
    *_, truncated, info = env.step(np.float32([1, 1]))
    assert (truncated, info["stopped_by"]) == (True, "emergency stop: hand in the cell")
    with pytest.raises(RobotError, match="hand in the cell"):
        env.reset()
    env.clear_emergency_stop()
    env.reset()


def test_a_client_that_goes_away_stops_the_robot():
    env, driver = make()
    env.reset()
    env.step(np.float32([1, 1]))
    env.detach()
    assert driver.last.startswith("safe")
    *_, truncated, info = env.step(np.float32([1, 1]))
    assert (truncated, info["stopped_by"]) == (True, "the client's stream ended")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"control_rate_hz": 0}, "control_rate_hz: expected a number of 0.1 to 10000, got 0"),
        ({"safe_action": [0]}, r"safe_action: expected 2 finite numbers, got \[0\]"),
        ({"safe_action": [2, 0]}, r"safe_action\[0\]: expected a number of -1 to 1, got 2"),
        ({"watchdog_ms": 59}, "watchdog_ms: expected a number of 60 or more, got 59"),
        ({"action_limits": ([-2, -2], [1, 1])}, r"action_limits\[0\]\[0\]: expected a number of -1 to 1"),
        ({"action_rate_limits": [0, 1]}, r"action_rate_limits\[0\]"),
        ({"late_actions": "panic"}, "late_actions: expected hold, zero, safe, got panic"),
        ({"max_observation_age_ms": float("nan")}, "max_observation_age_ms"),
    ],
)
def test_options_are_checked(options: dict[str, Any], message: str):
    with pytest.raises(GymwireError, match=message) as caught:
        make(**options)
    assert caught.value.code == "INVALID_ARGUMENT"


def test_it_ticks_by_itself_in_real_time():
    clock = ManualClock()
    driver = FakeDriver(clock)
    enough = threading.Event()
    driver.on_write = lambda: enough.set() if len(driver.written) > 50 else None
    env = RobotEnv(driver, *SPACES, judge, control_rate_hz=200, safe_action=[0.5, -0.5], watchdog_ms=30)
    env.reset()
    env.step(np.float32([1, 1]))
    driver.take()
    # No call of ours, and yet the robot is stopped.
    assert enough.wait(60)
    assert driver.last.startswith("safe")
    *_, truncated, info = env.step(np.float32([1, 1]))
    assert truncated
    assert info["stopped_by"].startswith("watchdog")
    env.close()


def test_one_robot_goes_from_session_to_session_only_while_it_is_stopped(tmp_path: Path):
    """Two cells of one folder stand for two processes: each opens the files anew."""
    clock = ManualClock()
    one, first = make(clock, cell=RobotCell(tmp_path), take_timeout_ms=100)
    other, second = make(clock, cell=RobotCell(tmp_path), take_timeout_ms=100)
    assert second.written == []
    one.reset()
    one.step(np.float32([1, 1]))
    with pytest.raises(RobotError, match="another session kept it for 100 ms"):
        other.reset()
    assert second.written == []
    waiting = RobotCell(tmp_path)
    waiting.queue()
    for _ in range(20):
        clock.ms += 20
        one.loop.wake()
    assert first.last.startswith("safe")
    waiting.leave_queue()
    other.reset()
    other.step(np.float32([0.25, 0.25]))
    assert second.last.startswith("hold [0.25")
    first.take()
    clock.ms += 20
    one.loop.wake()
    assert first.take() == []
    *_, truncated, info = one.step(np.float32([1, 1]))
    assert (truncated, info["stopped_by"]) == (True, "another session took the robot")
    other.close()
    one.reset()


def test_a_session_that_found_the_queue_taken_gets_its_turn(tmp_path: Path):
    clock = ManualClock()
    one, _ = make(clock, cell=RobotCell(tmp_path))
    other, second = make(clock, cell=RobotCell(tmp_path), take_timeout_ms=100)
    one.reset()
    looking = RobotCell(tmp_path)
    looking.queue()
    sleep_until = clock.sleep_until

    def pass_on(at_ms: float) -> None:
        sleep_until(at_ms)
        looking.leave_queue()
        one.loop.wake()

    clock.sleep_until = pass_on  # type: ignore[method-assign]
    # What looks at the queue lets go of it before the session that has the robot looks.
    one.loop.wake()
    other.reset()
    assert second.written != []


def test_an_emergency_stop_of_the_cell_holds_in_every_session(tmp_path: Path):
    clock = ManualClock()
    cell = RobotCell(tmp_path)
    env, driver = make(clock, cell=RobotCell(tmp_path))
    env.reset()
    program = "import sys; from gymwire.robot import RobotCell; RobotCell(sys.argv[1]).emergency_stop('from elsewhere')"
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True)
    assert cell.emergency == "from elsewhere"
    clock.ms += 20
    env.loop.wake()
    assert driver.last.startswith("emergency-stop from elsewhere")
    env.close()
    later, _ = make(clock, cell=RobotCell(tmp_path))
    with pytest.raises(RobotError, match="from elsewhere"):
        later.reset()
    cell.clear_emergency_stop()
    later.reset()
    # And the other way round: what this session finds wrong, all of them know.
    later.emergency_stop("too hot")
    assert cell.emergency == "too hot"
    later.clear_emergency_stop()
    assert cell.emergency is None


def test_the_system_takes_the_robot_back_from_a_process_that_is_killed(tmp_path: Path):
    program = (
        "import sys; from gymwire.robot import RobotCell; cell = RobotCell(sys.argv[1]); "
        "print(cell.take(), flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    assert holder.stdout.readline().strip() == b"True"
    cell = RobotCell(tmp_path)
    assert not cell.take()
    holder.kill()
    holder.wait()
    assert cell.take()


@pytest.mark.parametrize("reward", ["1", True, np.array([2.0])], ids=repr)
def test_a_judges_reward_is_passed_on_as_it_is_for_the_server_to_judge(reward):
    clock = ManualClock()
    driver = FakeDriver(clock)
    env = RobotEnv(driver, *SPACES, lambda _: Verdict(reward), clock=clock, control_rate_hz=50, safe_action=[0, 0])
    driver.sample = Sample([1, 0], age_ms=2)
    env.reset()
    assert env.step(np.zeros(2, np.float32))[1] is reward


def test_a_judge_that_computes_in_place_changes_nothing_of_the_robot():
    low, high, safe = np.array([-1.0, -2.0]), np.array([1.0, 2.0]), np.array([0.5, -0.5])
    seen: list[list[float]] = []

    def scribble(step: RobotStep) -> Verdict:
        seen.append(step.previous_observation.tolist())
        for array in (step.observation, step.previous_observation, step.action, step.command):
            array += 7
        return Verdict(0)

    clock = ManualClock()
    driver = FakeDriver(clock)
    driver.sample = Sample([1, 2])
    options: dict[str, Any] = {"control_rate_hz": 50, "safe_action": safe, "action_limits": (low, high)}
    env = RobotEnv(driver, *SPACES, scribble, clock=clock, **options)
    # The user's arrays are the user's, also afterwards.
    low[:], high[:], safe[:] = -0.1, 0.1, 0.0
    env.reset()
    action = np.array([1.0, 1.0])
    for _ in range(2):
        assert env.step(action)[0].tolist() == [1, 2]
    # Nobody is in control: what the judge of such a step sees is the safe action.
    env.detach()
    clock.ms += 20
    env.loop.wake()
    observation, _, _, truncated, info = env.step(action)
    assert (observation.tolist(), truncated, info["command"].tolist()) == ([1, 2], True, [0.5, -0.5])
    assert seen == [[1, 2]] * 3
    assert action.tolist() == [1, 1]
    clock.ms += 20
    env.loop.wake()
    assert driver.last.startswith("safe [0.5, -0.5]")
    env.close()


def test_the_settings_arrays_cannot_be_written():
    settings = resolve_settings(*SPACES, control_rate_hz=50, safe_action=[0.5, -0.5], action_rate_limits=[1, 1])
    for array in (settings.safe_action, settings.low, settings.high, settings.max_change_per_tick):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 7
