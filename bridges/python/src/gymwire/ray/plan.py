"""What a fleet is made of, as `gymwire-ray up` was told. No secrets: Ray may show it to anybody."""

from __future__ import annotations

import json
import math
import re
import shlex
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gymwire.errors import GymwireError

#: Of all actors that this package makes.
NAMESPACE = "gymwire"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")

_DRAIN = "--drain-timeout-ms"

ServerKind = Literal["typescript", "python"]


@dataclass(frozen=True)
class FleetPlan:
    """Raises GymwireError INVALID_ARGUMENT, naming the option."""

    name: str
    #: Ids, or what else `python -m gymwire serve` takes.
    envs: tuple[str, ...]
    minimum: int
    maximum: int
    kind: ServerKind
    #: The `gymwire` command of TypeScript, for hosts that are served with it.
    command: tuple[str, ...]
    #: More arguments of `serve`.
    arguments: tuple[str, ...] = ()
    #: What Ray reserves for each host.
    cpus: float = 1.0
    #: How long more hosts than are asked for stay.
    idle_s: float = 60.0

    def __post_init__(self) -> None:
        check_name(self.name)
        if not self.envs:
            raise GymwireError("INVALID_ARGUMENT", "--env: expected at least one environment to serve")
        if not 0 < self.minimum <= self.maximum:
            raise GymwireError(
                "INVALID_ARGUMENT",
                f"--min, --max: expected 0 < min <= max, got {self.minimum} and {self.maximum}",
            )
        for option, value in (("--cpus", self.cpus), ("--idle-s", self.idle_s)):
            if not 0 <= value < math.inf:
                raise GymwireError("INVALID_ARGUMENT", f"{option}: expected a number of at least 0, got {value}")

    def serve(self, host: str, files: Sequence[str]) -> list[str]:
        """The command line of one server. :param files: the options that name its private files"""
        where = ["--host", host, "--port", "0", *files]
        # Who is told to end has lost its actor, or nobody's training: sessions that went on would only be lost later.
        if not any(word.split("=")[0] == _DRAIN for word in self.arguments):
            where += [_DRAIN, "0"]
        if self.kind == "typescript":
            return [*self.command, "--json", "serve", *where, *self.arguments]
        return [sys.executable, "-m", "gymwire", "--json", "serve", *self.envs, *where, *self.arguments]


def check_name(name: str) -> str:
    """Raises GymwireError INVALID_ARGUMENT."""
    if not _NAME.fullmatch(name):
        raise GymwireError(
            "INVALID_ARGUMENT", f"the name of a fleet is letters, digits, - and _ (at most 64), got {name!r}"
        )
    return name


def fleet_actor(name: str) -> str:
    """The name of its actor in Ray."""
    return f"fleet-{name}"


def host_actor(name: str, index: int) -> str:
    return f"fleet-{name}-host-{index}"


def find_command(given: str | None) -> tuple[str, ...] | None:
    """
    The `gymwire` command of TypeScript: as given, else that of the project around this folder, else that on the path.
    None where there is none.
    """
    if given is not None:
        return tuple(shlex.split(given))
    here = Path.cwd()
    for folder in (here, *here.parents):
        program = folder / "node_modules" / ".bin" / "gymwire"
        if program.exists():
            return (str(program),)
    program_on_path = shutil.which("gymwire")
    return None if program_on_path is None else (program_on_path,)


def command_or_fault(given: str | None) -> tuple[str, ...]:
    """Raises GymwireError INVALID_ARGUMENT where there is none."""
    command = find_command(given)
    if command is None:
        raise GymwireError(
            "INVALID_ARGUMENT",
            "no `gymwire` command here: install @gymwire/cli with npm on every node that trains, at the same place or "
            "on the path, or say with --gymwire how it is called",
        )
    return command


def listening(line: str) -> dict[str, object] | None:
    """The event with which a server says where it listens."""
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) and event.get("type") == "listening" else None
