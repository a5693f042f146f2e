"""The machine by itself: events in, commands and answers out, and nothing else in the world."""

from __future__ import annotations

from collections.abc import Sequence

from fake_robot import SETTINGS

from gymwire.robot import Sample
from gymwire.robot.answer import Answer
from gymwire.robot.loop_event import LoopEvent
from gymwire.robot.phase_machine import AbortReset, Command, Fail, Give, Output, PhaseMachine, Stop
from gymwire.robot.sensor_watch import SensorWatch


def brief(outputs: Sequence[Output]) -> list[str]:
    texts = []
    for output in outputs:
        if isinstance(output, Command):
            texts.append(f"{output.kind} {output.command.tolist()}")
        elif isinstance(output, Give):
            texts.append("over" if output.outcome.is_over else "goes on")
        elif isinstance(output, LoopEvent):
            texts.append(output.kind)
        else:
            texts.append({Stop: "stop", AbortReset: "abort", Fail: "fail"}[type(output)])
    return texts


def ready_machine() -> PhaseMachine:
    """A reset at 0, through at 10, and over with the sample that came at 20."""
    sensor = SensorWatch(2, 1000)
    machine = PhaseMachine(SETTINGS, sensor)
    machine.prepare_reset(clear_stop=False)
    machine.begin_reset(Answer(), 0)
    machine.end_reset(10)
    machine.begin_tick(1)
    sensor.take(Sample([0, 0]), 20)
    machine.tick(20)
    assert brief(machine.end_tick(20)) == ["goes on"]
    return machine


def test_it_says_what_is_to_be_done_tick_by_tick_and_calls_nobody():
    machine = ready_machine()
    assert machine.act(Answer(), [1, 1], 25) == []
    ticks = []
    for tick in (2, 3, 4):
        machine.begin_tick(tick)
        ticks.append(brief([*machine.tick(20 * tick), *machine.settle()]))
    assert ticks == [["action [1.0, 1.0]"], ["hold [1.0, 1.0]", "goes on"], ["hold [1.0, 1.0]"]]
    assert brief(machine.release("gone", may_resume=False)) == ["stopped", "safe [0.5, -0.5]"]


def test_a_fault_between_what_it_said_and_its_answer_changes_the_answer():
    machine = ready_machine()
    machine.act(Answer(), [1, 1], 25)
    machine.begin_tick(2)
    assert brief(machine.tick(40)) == ["action [1.0, 1.0]"]
    assert brief(machine.fault("the bus is gone")) == ["emergency-stop", "stop"]
    assert brief(machine.settle()) == ["over"]
    assert machine.fault("again") == ()
