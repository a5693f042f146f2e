"""
Robots in real time: a `gymnasium.Env` with a control loop at a fixed rate, a watchdog, limits and an emergency stop.

The semantics are those of `startRobot` in the TypeScript server; docs/serve-your-simulator.md tells them.
"""

from __future__ import annotations

from gymwire.robot.answer import RobotError
from gymwire.robot.cell import RobotCell
from gymwire.robot.clock import Clock
from gymwire.robot.driver import CommandKind, ResetContext, RobotDriver, Sample
from gymwire.robot.reset_run import ResetSignal
from gymwire.robot.robot_env import Judge, RobotEnv, RobotStep, Verdict

__all__ = [
    "Clock",
    "CommandKind",
    "Judge",
    "ResetContext",
    "ResetSignal",
    "RobotCell",
    "RobotDriver",
    "RobotEnv",
    "RobotError",
    "RobotStep",
    "Sample",
    "Verdict",
]
