"""The arm behind the driver port in Python: see arm-driver.ts."""

from __future__ import annotations

import json
import math
import socket
import threading
from typing import Any

from gymwire.robot import ResetContext, RobotError, Sample

# Hanging, and as good as still.
HOME_ANGLE = 0.3
HOME_SPEED = 0.5
HOMING_TICKS = 1000
# Without a word from the arm.
SILENT_TICKS = 100


class ArmDriver:
    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sequence = 0
        self._state: dict[str, Any] | None = None
        # Not handed out yet.
        self._fresh: dict[str, Any] | None = None

    def open(self) -> None:
        self._socket.bind(("127.0.0.1", 0))
        threading.Thread(target=self._receive, name="arm", daemon=True).start()

    def read(self) -> Sample | None:
        """Each state once: the control loop counts how long there was no other."""
        state, self._fresh = self._fresh, None
        if state is None:
            return None
        return Sample(
            values=[math.cos(state["angle"]), math.sin(state["angle"]), state["speed"]],
            emergency_stop="the arm's red button is pressed" if state["isPressed"] else None,
        )

    def write(self, command: Any, kind: str) -> None:
        # A stop that was cleared: there would be no command otherwise.
        if self._state is not None and self._state["isBraked"]:
            self._send({"type": "release"})
        self._send({"type": "command", "torque": float(command[0]), "kind": kind})

    def emergency_stop(self, reason: str) -> None:
        self._send({"type": "stop"})

    def reset(self, context: ResetContext) -> None:
        """Brakes until the arm hangs."""
        context.report("waiting for the arm to hang still")
        silent_ticks = 0
        for _ in range(HOMING_TICKS):
            sample = context.next_tick()
            silent_ticks = silent_ticks + 1 if sample is None else 0
            if silent_ticks > SILENT_TICKS:
                raise RobotError(f"the arm has reported nothing for {SILENT_TICKS} ticks")
            if sample is None:
                continue
            cosine, sine, speed = sample.values
            if abs(math.atan2(sine, -cosine)) < HOME_ANGLE and abs(speed) < HOME_SPEED:
                return
            context.command([-0.3 * speed])
        raise RobotError(f"the arm does not come to rest within {HOMING_TICKS} ticks")

    def close(self) -> None:
        self._socket.close()

    def _send(self, request: dict[str, Any]) -> None:
        self._sequence += 1
        self._socket.sendto(json.dumps({**request, "sequence": self._sequence}).encode(), self._address)

    def _receive(self) -> None:
        while True:
            try:
                state = json.loads(self._socket.recv(4096))
            except ConnectionResetError:
                continue  # Windows tells of a datagram that nobody took; the observation's age tells it better.
            except OSError:
                return
            # Datagrams overtake each other; an arm that was switched off and on counts from 0 again.
            last = self._state
            if last is None or not 0 <= last["tick"] - state["tick"] < 1000:
                self._state = self._fresh = state
