"""What a robot's operator hears of."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Literal

_log = logging.getLogger("gymwire.robot")

#: report: of the driver's reset. instruction: the reset waits for a person. oddity: what the driver does is odd, and
#: the robot goes on. driver-fault: the driver's emergency stop failed.
EventKind = Literal[
    "stopped", "emergency-stop", "emergency-stop-cleared", "report", "instruction", "oddity", "driver-fault"
]


@dataclass(frozen=True)
class LoopEvent:
    kind: EventKind
    message: str = ""


def log_event(event: LoopEvent) -> None:
    if event.kind == "stopped":
        _log.warning("stopped: %s", event.message)
    elif event.kind == "emergency-stop":
        _log.error("emergency stop: %s", event.message)
    elif event.kind == "emergency-stop-cleared":
        _log.info("emergency stop cleared; a reset must follow")
    elif event.kind == "instruction":
        _log.warning("waits for a person: %s", event.message)
    elif event.kind == "oddity":
        _log.warning("%s", event.message)
    elif event.kind == "driver-fault":
        _log.error("%s", event.message)
    else:
        _log.info("%s", event.message)
