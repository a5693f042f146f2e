"""The actor of one fleet: it keeps as many hosts as are wanted, and hands out what opens them."""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ray
from ray.exceptions import ActorDiedError, RayError

from gymwire.private_file import write_private_file
from gymwire.ray.authority import Authority, Credentials, Enrolment
from gymwire.ray.host import EnvHost
from gymwire.ray.leases import Leases
from gymwire.ray.plan import NAMESPACE, FleetPlan, fleet_actor, host_actor

_ROUND_S = 0.5
#: A host that has not been heard of for as long is on no list. A busy machine is late, not gone.
_SILENT_S = 15.0
#: One that could not start is tried again after this.
_AGAIN_S = 10.0
_STOP_S = 15.0
_FOUND_S = 5.0


@dataclass
class _Host:
    actor: Any
    #: The answer to the last question whether it lives; None while it is heard of by itself.
    asked: Any = None
    address: str | None = None
    node: str | None = None
    heard_at: float = 0.0


@dataclass(frozen=True)
class HostView:
    index: int
    #: None while it is being started.
    address: str | None
    node: str | None


@dataclass(frozen=True)
class FleetView:
    """How a fleet stands."""

    wanted: int
    hosts: tuple[HostView, ...]
    #: Why a host did not start, the last time; None while all do.
    fault: str | None


class Fleet:
    """
    Lives on the head node, whose end is the cluster's. Its own process may end: Ray starts it anew, and it has its keys
    from a private file and its hosts by their names.
    """

    def __init__(self, plan: FleetPlan) -> None:
        self._plan = plan
        self._lock = threading.RLock()
        self._leases = Leases(plan.minimum, plan.maximum, plan.idle_s, time.monotonic)
        self._file = _secret_file(plan.name)
        self._authority = _load_or_make(self._file, plan.name)
        self._hosts: dict[int, _Host] = {}
        self._fault: str | None = None
        self._not_before = 0.0
        self._is_over = threading.Event()
        self._find_hosts()
        threading.Thread(target=self._tend, name="gymwire-fleet", daemon=True).start()

    def plan(self) -> FleetPlan:
        return self._plan

    def credentials(self) -> Credentials:
        return self._authority.credentials

    def enrol(self, request: str) -> Enrolment:
        """:param request: for a certificate, PEM"""
        return Enrolment(self._authority.sign(request), self._authority.credentials)

    def beat(self, index: int, address: str, node: str) -> None:
        """A host lives, and listens there."""
        with self._lock:
            host = self._hosts.get(index)
            if host is not None:
                host.address, host.node, host.heard_at = address, node, time.monotonic()
                self._fault = None

    def hold(self, lease: str, hosts: int) -> list[str]:
        """Asks for hosts, and again every few seconds. Returns the addresses of those that are there for it."""
        with self._lock:
            self._leases.hold(lease, hosts)
            ready = self._ready()
            return [ready[index] for index in self._leases.hosts_of(lease, sorted(ready))]

    def release(self, lease: str) -> None:
        with self._lock:
            self._leases.release(lease)

    def view(self) -> FleetView:
        with self._lock:
            ready = self._ready()
            hosts = [HostView(index, ready.get(index), host.node) for index, host in sorted(self._hosts.items())]
            return FleetView(self._leases.wanted(), tuple(hosts), self._fault)

    def down(self) -> None:
        """Ends all hosts and forgets the keys. The actor is of no more use then."""
        self._is_over.set()
        with self._lock:
            hosts = list(self._hosts.values())
            self._hosts.clear()
        _stop(hosts)
        self._file.unlink(missing_ok=True)

    def _ready(self) -> dict[int, str]:
        since = time.monotonic() - _SILENT_S
        return {
            index: host.address
            for index, host in self._hosts.items()
            if host.address is not None and host.heard_at > since
        }

    def _tend(self) -> None:
        while not self._is_over.wait(_ROUND_S):
            with self._lock:
                if self._is_over.is_set():
                    # Between the question above and the lock.
                    return
                self._drop_dead()
                wanted = self._leases.wanted()
                superfluous = self._superfluous(len(self._hosts) - wanted)
                retired = [self._hosts.pop(index) for index in superfluous]
                if time.monotonic() >= self._not_before:
                    for index in range(self._plan.maximum):
                        if len(self._hosts) < wanted and index not in self._hosts:
                            self._make(index)
            _stop(retired)

    def _superfluous(self, count: int) -> list[int]:
        """The youngest first, and none that somebody trains on."""
        in_use = self._leases.in_use()
        free = [index for index in sorted(self._hosts, reverse=True) if index not in in_use]
        return free[: max(count, 0)]

    def _drop_dead(self) -> None:
        """Those that Ray has given up: their server did not start. What only lost its process Ray starts anew."""
        for index, host in list(self._hosts.items()):
            if host.asked is None:
                if host.heard_at <= time.monotonic() - _SILENT_S:
                    host.asked = host.actor.place.remote()
                continue
            answered, _ = ray.wait([host.asked], timeout=0)
            if not answered:
                continue
            fault = _fault_of(host.asked)
            host.asked = None
            if fault is not None:
                self._fault = fault
                self._not_before = time.monotonic() + _AGAIN_S
                del self._hosts[index]

    def _find_hosts(self) -> None:
        """Those of this actor's earlier process, before anybody is told that there are none."""
        for index in range(self._plan.maximum):
            with contextlib.suppress(ValueError):
                actor = ray.get_actor(host_actor(self._plan.name, index), namespace=NAMESPACE)
                self._hosts[index] = _Host(actor)
        asked = {host.actor.place.remote(): index for index, host in self._hosts.items()}
        if not asked:
            return
        answered, _ = ray.wait(list(asked), num_returns=len(asked), timeout=_FOUND_S)
        for answer in answered:
            with contextlib.suppress(RayError):
                self.beat(asked[answer], *ray.get(answer))

    def _make(self, index: int) -> None:
        # Ray spreads them over nodes as far as there are any; where none has room they wait, which is what its
        # autoscaler adds nodes for.
        make = ray.remote(EnvHost).options(
            name=host_actor(self._plan.name, index),
            namespace=NAMESPACE,
            lifetime="detached",
            num_cpus=self._plan.cpus,
            max_restarts=-1,
            scheduling_strategy="SPREAD",
        )
        actor = make.remote(self._plan.name, index)
        self._hosts[index] = _Host(actor)


def make_fleet(plan: FleetPlan) -> Any:
    """The fleet's actor. Raises ValueError where one of this name is there already."""
    # "node:__internal_head__" is how Ray calls the head node.
    make = ray.remote(Fleet).options(
        name=fleet_actor(plan.name),
        namespace=NAMESPACE,
        lifetime="detached",
        num_cpus=0,
        resources={"node:__internal_head__": 0.001},
        max_restarts=-1,
        max_task_retries=-1,
        max_concurrency=32,
    )
    return make.remote(plan)


def _stop(hosts: Sequence[_Host]) -> None:
    """In good order where they serve; those that wait for a place have nothing to end."""
    stopped = [host.actor.stop.remote() for host in hosts if host.address is not None]
    if stopped:
        ray.wait(stopped, num_returns=len(stopped), timeout=_STOP_S)
    for host in hosts:
        ray.kill(host.actor, no_restart=True)


def _fault_of(answer: Any) -> str | None:
    """Why an actor is dead for good; None while it is not."""
    try:
        ray.get(answer)
    except ActorDiedError as error:
        # The last line says it; what is above is Ray's.
        return str(error).strip().rpartition("\n")[2]
    except RayError:
        return None
    return None


def _secret_file(fleet: str) -> Path:
    """On the head node, outside of Ray's own folders; by node, whose id no other cluster has."""
    base = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    folder = base / "gymwire" / "ray" / ray.get_runtime_context().get_node_id()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / f"{fleet}.json"


def _load_or_make(file: Path, fleet: str) -> Authority:
    try:
        return Authority.load(json.loads(file.read_bytes()))
    except FileNotFoundError:
        authority = Authority.make(fleet)
        write_private_file(file, json.dumps(authority.dump()).encode())
        return authority
