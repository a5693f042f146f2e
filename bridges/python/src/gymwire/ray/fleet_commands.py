"""`gymwire-ray up`, `addresses` and `down`."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import ray

from gymwire.errors import GymwireError
from gymwire.ray.cluster import ask, find_fleet
from gymwire.ray.fleet import FleetView, make_fleet
from gymwire.ray.output import Output
from gymwire.ray.plan import FleetPlan
from gymwire.ray.servers_folder import ServersFolder

_POLL_S = 0.5
#: Somebody should hear why nothing happens.
_TELL_S = 10.0


def up(plan: FleetPlan, folder: Path, output: Output) -> None:
    """
    Returns when the least number of hosts serve; the fleet stays up. Ctrl-C before takes it down.

    :raises GymwireError: INVALID_ARGUMENT where one of this name is up, or the folder is another's; ENV_FAILED where a
        server does not start
    """
    servers = ServersFolder(folder)
    servers.check(plan.name)
    try:
        fleet = make_fleet(plan)
        ask(fleet, "plan")
    except ValueError as error:
        raise GymwireError(
            "INVALID_ARGUMENT", f"a fleet {plan.name} is up already: take it down first, or give another --name"
        ) from error
    try:
        view = _await_hosts(fleet, plan, output)
    except BaseException:
        _end(fleet)
        raise
    addresses = _addresses(view)
    servers.write(plan.name, addresses, ask(fleet, "credentials"))
    output.say(f"{len(addresses)} hosts of {plan.name} serve {', '.join(plan.envs)}:")
    for address in addresses:
        output.say(f"  {address}")
    output.say(f"next: gymwire train --env {plan.envs[0]} {' '.join(servers.flags)}")
    output.event("up", fleet=plan.name, addresses=addresses, folder=str(folder), servedWith=plan.kind)


def addresses(name: str, folder: Path | None, follow: bool, output: Output) -> None:
    """
    Tells them, and writes them to the folder; with `follow` again whenever they change, until the fleet is taken down.

    :raises GymwireError: SERVER_UNAVAILABLE where it is not up
    """
    fleet = find_fleet(name)
    credentials = ask(fleet, "credentials")
    told: list[str] | None = None
    while True:
        found = _addresses(ask(fleet, "view"))
        if found != told:
            told = found
            if folder is not None:
                ServersFolder(folder).write(name, found, credentials)
            for address in found:
                output.say(address)
            output.event("addresses", fleet=name, addresses=found)
        if not follow:
            return
        time.sleep(_POLL_S)


def down(name: str, folder: Path, output: Output) -> None:
    """:raises GymwireError: SERVER_UNAVAILABLE where it is not up"""
    _end(find_fleet(name))
    if not ServersFolder(folder).remove(name) and folder.exists():
        output.note(f"{folder} is not of {name}: it stays as it is")
    output.say(f"{name} is down")
    output.event("down", fleet=name)


def _end(fleet: Any) -> None:
    ask(fleet, "down")
    ray.kill(fleet, no_restart=True)


def _await_hosts(fleet: Any, plan: FleetPlan, output: Output) -> FleetView:
    told_at, told = time.monotonic(), ""
    while True:
        view: FleetView = ask(fleet, "view")
        if view.fault is not None:
            raise GymwireError("ENV_FAILED", f"a host of {plan.name} did not start: {view.fault}")
        there = len(_addresses(view))
        if there >= plan.minimum:
            return view
        room = f"or for a node with {plan.cpus:g} CPUs to spare"
        text = f"{there} of {plan.minimum} hosts serve; the others wait for Ray to start them, {room}"
        if text != told and time.monotonic() - told_at > _TELL_S:
            told_at, told = time.monotonic(), text
            output.note(text)
        time.sleep(_POLL_S)


def _addresses(view: FleetView) -> list[str]:
    return [host.address for host in view.hosts if host.address is not None]
