"""What could keep a safety limit from acting without anybody's noticing."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fake_robot import FakeDriver, ManualClock, Rig, observed
from gymnasium import spaces

from gymwire import GymwireError
from gymwire.robot import RobotCell, RobotEnv, RobotError, Sample, Verdict
from gymwire.robot.clock import RealClock

SAFE = "safe [0.5, -0.5]"
SPACES = (spaces.Box(-10, 10, (2,), np.float32), spaces.Box(np.float32([-1, -2]), np.float32([1, 2])))


class AnsweringDriver:
    """Writes what it is told and answers with what a test wants."""

    def __init__(self, fake: FakeDriver) -> None:
        self._fake = fake
        self.answer: Any = lambda: None
        self.read = fake.read
        self.emergency_stop = fake.emergency_stop

    def write(self, command: Any, kind: str) -> object:
        self._fake.write(command, kind)
        return self.answer() if kind == "action" else None


def answering_rig(answer: Any) -> Rig:
    drivers = []

    def make(fake: FakeDriver) -> AnsweringDriver:
        drivers.append(AnsweringDriver(fake))
        return drivers[0]

    rig = Rig(make).ready()
    drivers[0].answer = answer
    return rig


def test_a_write_that_is_async_would_send_nothing_and_is_refused():
    async def send() -> None:
        pass

    rig = answering_rig(send)
    rig.act(1, 1)
    rig.advance(20)
    assert rig.driver.last.startswith("emergency-stop")
    assert "write must not be async" in (rig.loop.emergency or "")


def test_a_write_in_another_thread_that_fails_stops_the_robot():
    future: Future[None] = Future()
    rig = answering_rig(lambda: future)
    rig.act(1, 1)
    rig.advance(20)
    future.set_exception(OSError("the bus is gone"))
    until_it_is_stopped(rig)
    assert rig.driver.last == "emergency-stop the driver could not write: OSError: the bus is gone at 40"
    rig.advance(20)
    assert rig.driver.last.startswith("emergency-stop")
    assert rig.loop.emergency == "the driver could not write: OSError: the bus is gone"


def until_it_is_stopped(rig: Rig) -> None:
    give_up = time.monotonic() + 60
    while rig.loop.emergency is None and time.monotonic() < give_up:
        time.sleep(0.001)
    # After the turn in which it was.
    rig.loop.take_robot()


@pytest.mark.parametrize("moment", ["while it is written to again", "between two ticks"])
def test_a_driver_whose_thread_tells_of_a_failure_may_hold_a_lock_that_its_own_methods_take(moment: str):
    lock = threading.Lock()
    is_locked = threading.Event()
    futures: list[Future[None]] = []

    class LockingDriver:
        def __init__(self, fake: FakeDriver) -> None:
            self._fake = fake
            self.read = fake.read

        def write(self, command: Any, kind: str) -> object:
            if kind == "hold" and moment == "while it is written to again":
                teller.start()
                is_locked.wait()
            with lock:
                futures.append(Future())
            return futures[-1]

        def emergency_stop(self, reason: str) -> None:
            with lock:
                self._fake.emergency_stop(reason)

    def tell() -> None:
        with lock:
            is_locked.set()
            futures[-1].set_exception(OSError("the bus is gone"))

    teller = threading.Thread(target=tell)
    rig = Rig(LockingDriver).ready()
    rig.act(1, 1)
    rig.advance(40)
    if moment == "between two ticks":
        teller.start()
    teller.join(60)
    assert not teller.is_alive()
    until_it_is_stopped(rig)
    rig.advance(20)
    assert rig.driver.last.startswith("emergency-stop")
    assert rig.loop.emergency == "the driver could not write: OSError: the bus is gone"


def test_a_write_in_another_thread_that_never_comes_to_its_end_stops_the_robot_and_again_when_that_goes_on():
    rig = answering_rig(Future)
    for _ in range(2):
        rig.act(1, 1)
        rig.advance(20)
        for _ in range(10):
            rig.advance(20)
            # The watchdog has nothing to complain about.
            rig.act(1, 1)
        assert rig.driver.last.startswith(("action", "hold"))
        rig.advance(20)
        assert rig.driver.last.startswith("emergency-stop")
        assert rig.loop.emergency == "the driver could not write: it has not come to its end for 220 ms"
        rig.loop.clear_emergency_stop()
        rig.ready()


def test_a_write_that_is_done_in_time_is_trusted():
    def done() -> Future[None]:
        future: Future[None] = Future()
        future.set_result(None)
        return future

    rig = answering_rig(done)
    for _ in range(20):
        rig.act(1, 1)
        rig.advance(40)
    assert rig.loop.emergency is None


def test_an_emergency_stop_that_is_async_would_do_nothing_and_the_safe_action_stands_in_for_it():
    async def stop(_: str) -> None:
        pass

    rig = Rig().ready()
    rig.driver.emergency_stop = stop  # type: ignore[assignment]
    rig.loop.emergency_stop("test")
    assert rig.driver.last.startswith(SAFE)


def make(driver: Any, **options: Any) -> RobotEnv:
    settings = {"control_rate_hz": 50, "safe_action": [0.5, -0.5], **options}
    return RobotEnv(driver, *SPACES, lambda _: Verdict(0), **settings)


@pytest.mark.parametrize("name", ["open", "reset"])
def test_other_methods_that_are_async_would_do_nothing_and_are_refused(name: str):
    async def method(*_: object) -> None:
        pass

    clock = ManualClock()
    driver = FakeDriver(clock)
    setattr(driver, name, method)
    with pytest.raises((TypeError, RobotError), match=f"{name} must not be async"):
        make(driver, clock=clock).reset()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([math.nan, 0], "number 0 of the command is nan"),
        ([0, -math.inf], "number 1 of the command is -inf"),
        ([0], "a command of 2 numbers, got 1"),
        ([0, 0, 0], "a command of 2 numbers, got 3"),
    ],
)
def test_a_command_that_no_limit_can_make_one_of_never_reaches_the_robot(values: list[float], message: str):
    clock = ManualClock()
    driver = FakeDriver(clock)
    env = make(driver, clock=clock)
    env.reset()
    with pytest.raises(RobotError, match=message):
        env.step(np.array(values))
    driver.on_reset = lambda context: context.command(values)
    with pytest.raises(RobotError, match=message):
        env.reset()
    assert {line.rsplit(" at ", 1)[0] for line in driver.written} == {SAFE}


def test_an_action_that_comes_upon_another_one_does_not_leave_its_client_waiting():
    rig = Rig().ready()
    first, second = rig.act(0.1, 0.1), rig.act(0.2, 0.2)
    with pytest.raises(RobotError, match="another action came before this one was answered"):
        observed(first)
    rig.advance(40)
    assert observed(second).stopped_by == ""


def test_a_tick_that_fails_in_some_other_way_stops_the_robot_and_does_not_end_the_ticks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    rig = Rig(cell=RobotCell(tmp_path))
    assert rig.loop.take_robot()
    rig.ready()

    def fail(_: object) -> bool:
        raise PermissionError("the disk is gone")

    monkeypatch.setattr(RobotCell, "is_wanted", property(fail))
    rig.advance(60)
    assert rig.loop.emergency == "the control loop failed: PermissionError: the disk is gone"
    assert rig.driver.take()[-1].startswith("emergency-stop")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_observation_age_ms": 0}, "max_observation_age_ms: .* got 0"),
        ({"max_observation_age_ms": math.inf}, "max_observation_age_ms: .* got inf"),
        ({"max_observation_age_ms": "200"}, "max_observation_age_ms: .* got 200"),
        ({"watchdog_ms": math.inf}, "watchdog_ms: .* got inf"),
        ({"watchdog_ms": True}, "watchdog_ms: .* got True"),
        # Seconds.
        ({"watchdog_ms": 0.2}, "watchdog_ms: expected a number of 60 or more, got 0.2"),
        ({"take_timeout_ms": math.nan}, "take_timeout_ms: .* got nan"),
        ({"action_limits": ()}, "action_limits: expected a pair of low and high"),
        ({"action_rate_limits": [math.inf, 1]}, "action_rate_limits"),
    ],
)
def test_limits_that_would_never_act_are_refused(options: dict[str, Any], message: str):
    with pytest.raises(GymwireError, match=message):
        make(FakeDriver(ManualClock()), clock=ManualClock(), **options)


def test_a_misspelt_limit_would_be_none_and_is_refused():
    with pytest.raises(TypeError, match="action_rate_limit"):
        make(FakeDriver(ManualClock()), clock=ManualClock(), action_rate_limit=[1, 1])


class BlockingDriver:
    """Its read does not come back while it is blocked."""

    def __init__(self) -> None:
        self.blocks = False
        self.is_reading = threading.Event()
        self.may_go_on = threading.Event()
        self.stops: list[str] = []
        self.stopped = threading.Event()

    def read(self) -> Sample:
        if self.blocks:
            self.is_reading.set()
            self.may_go_on.wait()
        return Sample([0, 0])

    def write(self, command: Any, kind: str) -> None:
        pass

    def emergency_stop(self, reason: str) -> None:
        self.stops.append(reason)
        self.stopped.set()


@contextmanager
def blocked(driver: BlockingDriver) -> Iterator[None]:
    driver.blocks = True
    driver.is_reading.wait()
    try:
        yield
    finally:
        driver.blocks = False
        driver.may_go_on.set()


def test_a_driver_that_keeps_the_loop_and_with_it_the_watchdog_is_told_to_whoever_waits(tmp_path: Path):
    driver = BlockingDriver()
    cell = RobotCell(tmp_path)
    env = make(driver, control_rate_hz=200, watchdog_ms=20, cell=RobotCell(tmp_path))
    env.reset()
    with blocked(driver):
        with pytest.raises(RobotError, match="the control loop has not ticked for 1000 ms"):
            env.step(np.zeros(2))
        with pytest.raises(RobotError, match="has not ticked"):
            env.emergency_stop("hand in the cell")
        # Other processes know at once, and this one as soon as it can.
        assert cell.emergency == "hand in the cell"
    assert driver.stopped.wait(60)
    assert driver.stops[0] == "hand in the cell"
    env.close()


def test_a_robot_whose_driver_keeps_the_loop_can_be_closed():
    driver = BlockingDriver()
    env = make(driver, control_rate_hz=200, watchdog_ms=20)
    env.reset()
    with blocked(driver):
        env.close()


def test_a_driver_that_exits_does_not_take_the_loop_along():
    driver = BlockingDriver()
    env = make(driver, control_rate_hz=200, watchdog_ms=20)
    env.reset()

    def leave() -> Sample:
        raise SystemExit

    driver.read = leave  # type: ignore[method-assign]
    assert driver.stopped.wait(60)
    with pytest.raises(RobotError, match="the driver failed: SystemExit"):
        env.reset()
    env.close()


def test_a_loop_whose_ticks_are_always_late_hears_a_stop_all_the_same():
    driver = BlockingDriver()
    clock = RealClock()

    def dawdle() -> Sample:
        # Longer than a period, and the interpreter's lock is kept meanwhile.
        until = clock.now_ms() + 5
        while clock.now_ms() < until:
            pass
        return Sample([0, 0])

    driver.read = dawdle  # type: ignore[method-assign]
    env = make(driver, control_rate_hz=1000, watchdog_ms=1000)
    for i in range(20):
        env.emergency_stop(f"stop {i}")
        env.clear_emergency_stop()
    assert len(driver.stops) >= 20
    env.close()
