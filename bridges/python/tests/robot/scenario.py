"""Plays the scenario tables of test/golden/robot, as TypeScript's robot does. Their README says how to read them."""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from fake_robot import ManualClock

from gymwire.robot import RobotError, Sample
from gymwire.robot.answer import Answer
from gymwire.robot.control_loop import ControlLoop
from gymwire.robot.loop_event import LoopEvent
from gymwire.robot.reset_run import ResetRun
from gymwire.robot.settings import LoopSettings

#: A driver's reset waits in a thread; how long its going on may take, however busy the machine is.
_HANG_S = 60

_TOLD = {
    "stopped": "stopped",
    "emergency-stop": "emergencyStop",
    "driver-fault": "driverFault",
    "report": "report",
    "oddity": "report",
    "instruction": "instruction",
}


def read_tables(folder: Path) -> tuple[dict[str, Any], list[tuple[str, dict[str, Any]]]]:
    """
    The settings that a scenario has unless it says otherwise, and each scenario with its family.

    Raises FileNotFoundError for a table that is missing, ValueError for one that the index does not list.
    """
    index = json.loads((folder / "index.json").read_text("utf-8"))
    families = [json.loads((folder / f"{name}.json").read_text("utf-8")) for name in index["families"]]
    unlisted = {path.stem for path in folder.glob("*.json")} - {"index", *index["families"]}
    if unlisted:
        raise ValueError(f"tables that index.json does not list: {', '.join(sorted(unlisted))}")
    scenarios = [(family["family"], scenario) for family in families for scenario in family["scenarios"]]
    return index["settings"], scenarios


class ScenarioDriver:
    """Does what the table's rows say, and writes down what it is told."""

    def __init__(self, clock: ManualClock, stop: str) -> None:
        self._clock = clock
        self._start_ms = clock.ms
        self._stop = stop
        self.written: list[dict[str, Any]] = []
        self.sensor: Any = "live"
        self.next_read_takes_ms = 0.0
        self.write_rule = "works"
        self.next_write_is_pending = False
        self.pending: Future[None] = Future()
        self._kept = Sample([0, 0])
        if stop == "missing":
            self.emergency_stop = None  # type: ignore[assignment,method-assign]

    def read(self) -> Sample | None:
        self._clock.ms += self.next_read_takes_ms
        self.next_read_takes_ms = 0.0
        if self.sensor == "live":
            return Sample([0, 0])
        if self.sensor == "silent":
            return None
        if self.sensor == "same":
            return self._kept
        if self.sensor == "once":
            self.sensor = "silent"
            return Sample([0, 0])
        if "throws" in self.sensor:
            raise OSError(self.sensor["throws"])
        given = {_snake(key): value for key, value in self.sensor.items()}
        if "measured_at_ms" in given:
            given["measured_at_ms"] += self._start_ms
        return Sample(**{**given, "values": list(given["values"])})

    def write(self, command: Any, kind: str) -> object:
        self._note([kind, *command.tolist()])
        if self.write_rule == "throws":
            raise OSError("the bus is gone")
        if not self.next_write_is_pending:
            return None
        self.next_write_is_pending = False
        self.pending = Future()
        return self.pending

    def emergency_stop(self, reason: str) -> None:
        if self._stop == "throws":
            raise OSError("the bus is gone")
        self._note(["emergency-stop", reason])

    def end_pending(self, how: str) -> None:
        if how == "ends":
            self.pending.set_result(None)
        else:
            self.pending.set_exception(OSError("the bus is gone"))

    def _note(self, command: list[Any]) -> None:
        self.written.append({"atMs": self._clock.ms - self._start_ms, "command": command})


class ScenarioPlayer:
    def __init__(self, scenario: dict[str, Any], defaults: dict[str, Any]) -> None:
        self._scenario = scenario
        self._clock = ManualClock()
        self._start_ms = self._clock.ms
        self._driver = ScenarioDriver(self._clock, scenario.get("driver", {}).get("emergencyStop", "works"))
        self._events: list[LoopEvent] = []
        settings = _settings({**defaults, **scenario.get("settings", {})})
        # Between two rows the test may be held up for as long as it likes.
        tell, patience_ms = self._events.append, _HANG_S * 1000
        self._loop = ControlLoop(self._driver, settings, self._clock, tell=tell, patience_ms=patience_ms)
        self._is_scripted = False
        self._answers: dict[str, Answer] = {}
        self._refused: list[dict[str, Any]] = []
        self._reset: ResetRun | None = None
        self._is_abort_noted = False
        self._waits: list[Future[None]] = []
        self._notes: list[str] = []
        self._pool = ThreadPoolExecutor(4)

    def play(self) -> Iterator[tuple[Any, Any]]:
        """What each row says and what came of it, both in the form that is compared."""
        before_ms = 0.0
        if self._scenario.get("startsReady"):
            before_ms = self._loop.next_tick_ms - self._start_ms
            self._do({"reset": "ready"})
            self._advance_to(before_ms)
            self._answers.clear()
            self._forget()
        self._is_scripted = self._scenario.get("reset") == "scripted"
        try:
            for row in self._scenario["table"]:
                time_ms, event, commands, told = (*row, [])[:4]
                self._pass(time_ms, event)
                yield self._compare(time_ms, event, commands, told, before_ms)
                before_ms = time_ms
                self._forget()
        finally:
            # Whatever a failed row left waiting.
            self._loop.close()
            self._pool.shutdown()

    def _pass(self, time_ms: float, event: Any) -> None:
        if event == "stall":
            self._clock.ms = self._start_ms + time_ms
            self._loop.wake()
            return
        self._advance_to(time_ms)
        if event is not None and "every" not in event:
            self._do({event: True} if isinstance(event, str) else event)

    def _advance_to(self, time_ms: float) -> None:
        at_ms = self._start_ms + time_ms
        while not self._loop.is_closed and self._loop.next_tick_ms <= at_ms:
            self._clock.sleep_until(self._loop.next_tick_ms)
            self._loop.wake()
        self._clock.sleep_until(at_ms)

    def _do(self, deed: dict[str, Any]) -> None:
        loop, driver = self._loop, self._driver
        name, value = next(iter(deed.items()))
        deeds: dict[str, Callable[[], Any]] = {
            "confirm": loop.confirm,
            "clearEmergencyStop": loop.clear_emergency_stop,
            "close": loop.close,
            "action": lambda: self._ask(value, lambda: loop.act(deed["values"])),
            "reset": lambda: self._ask(value, lambda: self._begin_reset(deed.get("clearEmergencyStop", False))),
            "release": lambda: loop.release(value, may_resume=deed["mayResume"]),
            "emergencyStop": lambda: loop.emergency_stop(value),
            "driver": lambda: self._act(value),
            "sensor": lambda: setattr(driver, "sensor", value),
            "readTakesMs": lambda: setattr(driver, "next_read_takes_ms", value),
            "write": lambda: setattr(driver, "write_rule", value),
            "nextWrite": lambda: setattr(driver, "next_write_is_pending", True),
            "pendingWrite": lambda: self._end_pending(value),
        }
        deeds[name]()

    def _ask(self, name: str, ask: Callable[[], Answer]) -> None:
        try:
            self._answers[name] = ask()
        except RobotError as error:
            self._refused.append({"failed": name, "message": str(error)})

    def _begin_reset(self, clear_stop: bool) -> Answer:
        try:
            reset = self._loop.begin_reset(clear_stop=clear_stop)
        finally:
            # The one before is cut short.
            self._note_abort()
        self._reset, self._is_abort_noted = reset, False
        if not self._is_scripted:
            self._loop.end_reset(reset)
        return reset.answer

    def _act(self, deed: Any) -> None:
        """What the driver's own reset does."""
        reset = self._reset
        assert reset is not None
        if deed == "returns":
            self._loop.end_reset(reset)
        elif "throws" in deed:
            self._loop.end_reset(reset, f"OSError: {deed['throws']}")
        elif "command" in deed:
            try:
                self._loop.reset_command(reset, deed["command"])
            except (RobotError, ValueError):
                self._notes.append("refused")
        else:
            wait = self._pool.submit(self._loop.reset_confirmed, reset, deed["confirmed"])
            self._waits.append(wait)
            self._until(lambda: wait.done() or reset.question == deed["confirmed"])

    def _end_pending(self, how: str) -> None:
        self._driver.end_pending(how)
        # A failure is told by a thread of its own.
        self._until(lambda: how == "ends" or self._loop.emergency is not None)
        # After the turn in which it was.
        self._loop.take_robot()

    def _until(self, is_so: Callable[[], bool]) -> None:
        give_up = time.monotonic() + _HANG_S
        while not is_so() and time.monotonic() < give_up:
            time.sleep(0.001)

    def _note_abort(self) -> None:
        if self._reset is not None and self._is_scripted and self._reset.signal.aborted and not self._is_abort_noted:
            self._is_abort_noted = True
            self._notes.append(f"aborted: {self._reset.signal.reason}")

    def _note_waits(self, expected: int) -> None:
        for wait in list(self._waits):
            if wait.done() or expected > 0:
                self._notes.append("confirmed" if wait.exception(_HANG_S) is None else "not confirmed")
                self._waits.remove(wait)

    def _forget(self) -> None:
        self._events.clear()
        self._driver.written.clear()
        self._refused.clear()
        self._notes.clear()

    def _compare(self, time_ms: float, event: Any, commands: Any, told: Any, before_ms: float) -> tuple[Any, Any]:
        self._note_abort()
        self._note_waits(sum(one.get("driver") in ("confirmed", "not confirmed") for one in told))
        times = [time_ms]
        if isinstance(event, dict) and "every" in event:
            count = math.ceil((time_ms - before_ms) / event["every"])
            times = [time_ms - (count - 1 - i) * event["every"] for i in range(count)]
        written = [{"atMs": at_ms, "command": command} for at_ms in times for command in commands]
        expected = {"timeMs": time_ms, "written": written, "told": _sorted(told)}
        actual_told = [_told(one) for one in self._events]
        actual_told += [{"driver": note} for note in self._notes]
        given = {name: answer for name, answer in self._answers.items() if answer.is_given}
        self._answers = {name: answer for name, answer in self._answers.items() if not answer.is_given}
        actual_told += [_told_answer(name, answer) for name, answer in given.items()] + self._refused
        actual = {"timeMs": time_ms, "written": list(self._driver.written), "told": _sorted(actual_told)}
        return expected, _reduced(expected, actual)


def _settings(given: dict[str, Any]) -> LoopSettings:
    arrays = {name: np.array(given[name], np.float64) for name in ("safeAction", "low", "high")}
    change = given["maxChangePerTick"]
    arrays["maxChangePerTick"] = np.full(2, np.inf) if change is None else np.array(change, np.float64)
    return LoopSettings(observation_size=2, **{_snake(name): value for name, value in {**given, **arrays}.items()})


def _told(event: LoopEvent) -> dict[str, Any]:
    if event.kind == "emergency-stop-cleared":
        return {"emergencyStopCleared": True}
    return {_TOLD[event.kind]: event.message}


def _told_answer(name: str, answer: Answer) -> dict[str, Any]:
    try:
        observed = vars(answer.wait(0))
    except RobotError as error:
        return {"failed": name, "message": str(error)}
    arrays = {key: value.tolist() if isinstance(value, np.ndarray) else value for key, value in observed.items()}
    return {"observed": name, **{_camel(key): value for key, value in arrays.items()}}


def _sorted(told: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """What the operator hears, answers, and what the driver noticed, each in their own order."""
    answers = [one for one in told if "observed" in one or "failed" in one]
    notes = [one for one in told if "driver" in one]
    return [[one for one in told if one not in answers and one not in notes], answers, notes]


def _reduced(expected: Any, actual: Any) -> Any:
    """Of what came, what the table speaks of; a text that ends in "…" stands for all that begin like it."""
    if isinstance(expected, str) and isinstance(actual, str) and expected.endswith("…"):
        return expected if actual.startswith(expected[:-1]) else actual
    if isinstance(expected, list) and isinstance(actual, list):
        known = len(expected)
        return [_reduced(expected[i], item) if i < known else item for i, item in enumerate(actual)]
    if isinstance(expected, dict) and isinstance(actual, dict) and expected.keys() <= actual.keys():
        return {key: _reduced(inner, actual[key]) for key, inner in expected.items()}
    return actual


def _snake(name: str) -> str:
    return re.sub("[A-Z]", lambda found: f"_{found[0].lower()}", name)


def _camel(name: str) -> str:
    return re.sub("_([a-z])", lambda found: found[1].upper(), name)
