"""`serve` and `start_server`: what operators call."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import sys
import threading
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, TypeVar, cast

from gymwire.errors import GymwireError
from gymwire.server.conformance import CONFORMANCE_ENV
from gymwire.server.env_registration import EnvFactory, EnvRegistration, gymnasium_registration, registration_of
from gymwire.server.freed_memory import give_back_freed_memory
from gymwire.server.options import ServerOptions
from gymwire.server.registry import EnvRegistry
from gymwire.server.server import EnvServer

_log = logging.getLogger("gymwire")

T = TypeVar("T")

_LAST_TASKS_S = 1.0

#: Ids of Gymnasium environments; one factory, served as "Env-v0"; or factories and registrations by id.
Served = str | Sequence[str] | EnvFactory | EnvRegistration | Mapping[str, EnvFactory | EnvRegistration]


_NOTHING_TO_SERVE = (
    'expected at least one environment to serve, got none: "Pendulum-v1", or {"Arm-v0": make_arm}; '
    "on the command line: serve Pendulum-v1"
)


def registry_of(envs: Served, *, conformance: bool = False) -> EnvRegistry:
    """Raises GymwireError UNKNOWN_ENV or INVALID_ARGUMENT."""
    registry = EnvRegistry()
    if conformance:
        registry.add(*CONFORMANCE_ENV)
    if isinstance(envs, str):
        envs = [envs]
    if isinstance(envs, Mapping):
        for env_id, make in envs.items():
            registry.add(env_id, registration_of(make))
    elif isinstance(envs, EnvRegistration) or callable(envs) or hasattr(envs, "step"):
        # Of an instance the registry says what is wrong with it.
        registry.add("Env-v0", registration_of(cast("EnvFactory | EnvRegistration", envs)))
    else:
        for env_id in envs:
            registry.add(*gymnasium_registration(env_id))
    if not registry.ids():
        raise GymwireError("INVALID_ARGUMENT", _NOTHING_TO_SERVE)
    return registry


def serve(
    envs: Served,
    *,
    conformance: bool = False,
    on_listening: Callable[[EnvServer], None] | None = None,
    **options: Any,
) -> None:
    """
    Serves until SIGINT (Ctrl-C) or SIGTERM; then sessions may go on for `drain_timeout_ms`, or until a second signal.

    Each session's environments are made in a process of their own, from the factory that was given; nothing from the
    wire leads to an import. The options are those of `ServerOptions`.

    :param envs: "HalfCheetah-v5", ["HalfCheetah-v5", "Ant-v5"], {"Arm-v0": make_arm}, or make_arm (as "Env-v0")
    :param conformance: serve gymwire/Conformance-v0 as well
    :param on_listening: called once the server listens; default: its address is written to stderr
    :raises GymwireError: INVALID_ARGUMENT, UNKNOWN_ENV, SERVER_UNAVAILABLE
    """
    registry, resolved = registry_of(envs, conformance=conformance), ServerOptions(**options)

    async def run() -> None:
        server = await EnvServer.start(registry, resolved)
        stop = _on_signals(server)
        (on_listening or _say)(server)
        freed = asyncio.ensure_future(give_back_freed_memory())
        await stop.wait()
        await server.shutdown()
        freed.cancel()

    asyncio.run(run())


def _say(server: EnvServer) -> None:
    print(f"serving on {server.address} (Ctrl-C stops)", file=sys.stderr, flush=True)  # noqa: T201


def _on_signals(server: EnvServer) -> asyncio.Event:
    """Set by the first signal; the second one makes the server hurry."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def signalled() -> None:
        if stop.is_set():
            server.hurry()
        elif server.session_count > 0:
            _log.warning(
                "shutting down: %d sessions may go on for %d ms; a second signal ends them at once",
                *(server.session_count, server.drain_timeout_ms),
            )
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, signalled)
        except (NotImplementedError, RuntimeError, ValueError):
            # Windows; and a loop that is not in the main thread gets no signals at all.
            with contextlib.suppress(ValueError):
                signal.signal(number, lambda *_: loop.call_soon_threadsafe(signalled))
    return stop


class RunningServer:
    """A server in a thread of this process. Made by `start_server`; also a context manager."""

    def __init__(self, registry: EnvRegistry, options: ServerOptions) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="gymwire-server", daemon=True)
        self._thread.start()
        try:
            self._server = self._run(EnvServer.start(registry, options))
        except BaseException:
            self._end_loop()
            raise

    @property
    def port(self) -> int:
        return self._server.port

    @property
    def address(self) -> str:
        """What clients connect to: "127.0.0.1:50051"."""
        return self._server.address

    @property
    def env_ids(self) -> list[str]:
        return self._server.env_ids

    @property
    def session_count(self) -> int:
        return self._server.session_count

    def shutdown(self) -> None:
        """Graceful; a second call does nothing."""
        if self._thread.is_alive():
            self._run(self._server.shutdown())
            self._end_loop()

    def __enter__(self) -> RunningServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def _end_loop(self) -> None:
        self._run(_settle())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


async def _settle() -> None:
    """gRPC's own tasks, of calls whose callers have gone: else Python complains of tasks that never ended."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    if others:
        await asyncio.wait(others, timeout=_LAST_TASKS_S)


def start_server(envs: Served, *, conformance: bool = False, **options: Any) -> RunningServer:
    """As `serve`, but in a thread of this process: returns when it listens. By default, the port is a free one."""
    return RunningServer(registry_of(envs, conformance=conformance), ServerOptions(**{"port": 0, **options}))
