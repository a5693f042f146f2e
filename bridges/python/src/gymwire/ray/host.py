"""The actor of one env server. The server is another program, which ends with the actor."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

import ray

from gymwire.private_file import write_private_file
from gymwire.ray.authority import Enrolment, request_certificate
from gymwire.ray.cluster import ask
from gymwire.ray.kept_process import KeptProcess
from gymwire.ray.plan import NAMESPACE, FleetPlan, fleet_actor, listening

_BEAT_S = 3.0
#: More than a server takes to end in good order.
_GRACE_S = 10.0


class EnvHost:
    """Fails when it is made where its server does not start; later it dies with its server, and Ray starts it anew."""

    def __init__(self, fleet: str, index: int) -> None:
        self._fleet: Any = ray.get_actor(fleet_actor(fleet), namespace=NAMESPACE)
        self._index = index
        self._node = ray.get_runtime_context().get_node_id()
        self._ending = threading.Event()
        plan: FleetPlan = ask(self._fleet, "plan")
        host = ray.util.get_node_ip_address()
        key, request = request_certificate(host)
        enrolment: Enrolment = ask(self._fleet, "enrol", request)
        folder = Path(tempfile.mkdtemp(prefix="gymwire-host-"))
        try:
            self._server = _start(plan, host, folder, key, enrolment)
            self._address = self._await_address(plan)
        finally:
            # Both servers read their files once, before they listen: nothing secret stays on the disk.
            shutil.rmtree(folder, ignore_errors=True)
        threading.Thread(target=self._beat, name="gymwire-beat", daemon=True).start()
        threading.Thread(target=self._die_with_server, name="gymwire-watch", daemon=True).start()

    def place(self) -> tuple[str, str]:
        """Its address, host:port, and the id of its node."""
        return self._address, self._node

    def server_pid(self) -> int:
        """The keeper of the server's process."""
        return self._server.pid

    def stop(self) -> None:
        """Returns when the server has ended; the actor is of no more use then."""
        self._ending.set()
        self._server.end()

    def _await_address(self, plan: FleetPlan) -> str:
        for line in self._server.lines():
            event = listening(line)
            if event is None:
                continue
            self._check_envs(plan, event)
            threading.Thread(target=self._drain, name="gymwire-stdout", daemon=True).start()
            return str(event["address"])
        code = self._server.end()
        raise RuntimeError(f"the env server did not start (exit code {code}): {self._server.last_words}")

    def _check_envs(self, plan: FleetPlan, event: dict[str, object]) -> None:
        """The TypeScript server has what is built in, and no more."""
        served = event.get("envs")
        missing = [] if not isinstance(served, list) else [env for env in plan.envs if env not in served]
        if plan.kind == "typescript" and missing:
            self._server.end()
            raise RuntimeError(
                f"the TypeScript server has no {', '.join(missing)}: `gymwire-ray up --serve-with python` serves what "
                "Gymnasium knows"
            )

    def _drain(self) -> None:
        """What a server still says is of no interest; a pipe that is full would stop it."""
        for _ in self._server.lines():
            pass

    def _beat(self) -> None:
        """A fleet whose actor was started anew learns of its hosts this way, too."""
        while not self._ending.is_set():
            self._fleet.beat.remote(self._index, self._address, self._node)
            self._ending.wait(_BEAT_S)

    def _die_with_server(self) -> None:
        code = self._server.wait()
        if self._ending.is_set():
            return
        print(f"the env server ended with exit code {code}", file=sys.stderr, flush=True)  # noqa: T201
        # Ray starts an actor anew whose process ends by itself, on this node or on another one.
        os._exit(1)


def _start(plan: FleetPlan, host: str, folder: Path, key: str, enrolment: Enrolment) -> KeptProcess:
    files = {
        "--token-file": enrolment.credentials.token,
        "--tls-cert": enrolment.certificate,
        "--tls-key": key,
    }
    options: list[str] = []
    for option, content in files.items():
        path = folder / option.removeprefix("--")
        write_private_file(path, content.encode())
        options += [option, str(path)]
    return KeptProcess(plan.serve(host, options), ending=signal.SIGTERM, grace_s=_GRACE_S, secrets=folder)
