"""
Serves the arm from Python: `python examples/robot/serve.py --robot 127.0.0.1:7000 [--port 50051] [--cell FOLDER]`.

Another program, or another terminal, stops the arm and lets it go again:
`python -c "from gymwire.robot import RobotCell; RobotCell('FOLDER').emergency_stop('why')"`, `.clear_emergency_stop()`.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile

import numpy as np
from arm_driver import ArmDriver
from gymnasium import spaces

import gymwire
from gymwire.robot import RobotCell, RobotEnv, RobotStep, Verdict


def judge(step: RobotStep) -> Verdict:
    """Swing the arm up and hold it there."""
    cosine, sine, speed = step.observation
    angle = math.atan2(sine, cosine)
    return Verdict(-(angle**2 + 0.02 * speed**2 + 0.01 * step.command[0] ** 2))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--robot", default="127.0.0.1:7000")
    parser.add_argument("--port", type=int, default=50051)
    parser.add_argument("--cell", default=None)
    parser.add_argument("--watchdog-ms", type=float, default=200)
    parser.add_argument("--episode-steps", type=int, default=75)
    options = parser.parse_args()
    host, _, port = options.robot.rpartition(":")
    folder = options.cell or tempfile.mkdtemp(prefix="gymwire-cell-")

    def make_arm() -> RobotEnv:
        return RobotEnv(
            ArmDriver(host, int(port)),
            # Cosine and sine of the angle from upright, speed in rad/s.
            spaces.Box(np.float32([-1, -1, -100]), np.float32([1, 1, 100])),
            # Torque, as a part of the motor's strength.
            spaces.Box(-1, 1, (1,), np.float32),
            judge,
            # A trainer evaluates in a session of its own, and there is one arm.
            cell=RobotCell(folder),
            control_rate_hz=50,
            safe_action=[0],
            watchdog_ms=options.watchdog_ms,
            action_rate_limits=[20],
        )

    arm = gymwire.EnvRegistration(
        make_arm,
        arguments=(),
        max_episode_steps=options.episode_steps,
        nondeterministic=True,
        description="A real arm with one motor: swing it up and hold it there.",
        # A reset may wait for a person.
        reset_timeout_ms=30 * 60_000,
    )
    try:
        gymwire.serve(
            {"SwingArm-v0": arm},
            port=options.port,
            # One arm: a client that asks for more environments is told so, and an evaluation makes do with one.
            max_num_envs=1,
            on_listening=lambda server: print(f"serving on {server.address} (Ctrl-C stops)", flush=True),
        )
    except gymwire.GymwireError as error:
        # The port is taken, say: the message tells what to do.
        sys.exit(f"error {error.code}: {error.message}")


if __name__ == "__main__":
    main()
