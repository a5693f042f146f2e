"""A simulator that starts processes of its own: its end is told at once, and they end with it, however it ends."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import platform
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from sample_envs import Point

from gymwire import GymwireError
from gymwire.session.helpers import MARK

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="fork, signals and file locks of POSIX")

ACTION = np.array([0.5], np.float32)


def work(lock, deaf=""):
    """A helper: holds a lock for as long as it lives, whoever buries it."""
    import fcntl

    if deaf:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with Path(lock).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        Path(f"{lock}.up").touch()
        time.sleep(3600)


def work_without_the_first_thread(lock):
    """As every process that is killed is for a moment: it counts as dead, and another thread holds its files."""
    threading.Thread(target=work, args=(lock,)).start()
    while not Path(f"{lock}.up").exists():
        time.sleep(0.005)
    # What ends one thread, and not the process.
    ctypes.CDLL(None).syscall(60 if platform.machine() == "x86_64" else 93, 0)


HELPER = f"import sys; sys.path[:] = {sys.path!r}; from test_helper_processes import work; work(*sys.argv[1:])"
DEAF_HELPER = (
    f"import signal, sys; sys.path[:] = {sys.path!r}; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    "from test_helper_processes import work_without_the_first_thread as work; work(sys.argv[1])"
)
DAEMONS = []


def fork_a_session_leader(lock):
    if os.fork() == 0:
        os.setsid()
        work(lock)


STARTS = {
    "fork": lambda lock: multiprocessing.get_context("fork").Process(target=work, args=(lock,), daemon=True).start(),
    "Popen": lambda lock: DAEMONS.append(subprocess.Popen([sys.executable, "-c", HELPER, lock])),
    "Popen, deaf to SIGTERM": lambda lock: DAEMONS.append(
        subprocess.Popen([sys.executable, "-c", HELPER, lock, "deaf"])
    ),
    "Popen in a session of its own": lambda lock: DAEMONS.append(
        subprocess.Popen([sys.executable, "-c", HELPER, lock], start_new_session=True)
    ),
    "fork and setsid": fork_a_session_leader,
    "Popen, deaf, its first thread over": lambda lock: DAEMONS.append(
        subprocess.Popen([sys.executable, "-c", DEAF_HELPER, lock])
    ),
}
# Elsewhere, a helper that left the group cannot be told from another program.
IN_THE_GROUP = ["fork", "Popen", "Popen, deaf to SIGTERM"]
ALL_KINDS = pytest.mark.parametrize("kind", list(STARTS) if sys.platform == "linux" else IN_THE_GROUP)


class Helped(Point):
    """Starts a helper; a step does what the reset's option `then` says."""

    def __init__(self, kind, lock):
        super().__init__()
        STARTS[kind](lock)
        while not Path(f"{lock}.up").exists():
            time.sleep(0.005)

    def reset(self, *, seed=None, options=None):
        self._then = (options or {}).get("then", "")
        return super().reset(seed=seed, options=options)

    def step(self, action):
        if self._then == "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        if self._then == "fork":
            os.fork()
        return super().step(action)


@pytest.fixture
def helped(tmp_path):
    """A factory for each kind of helper, and the lock that its helper holds."""
    lock = str(tmp_path / "lock")
    return lambda kind: lambda: Helped(kind, lock), lock


def wait_until_over(lock):
    import fcntl

    with Path(lock).open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)


@ALL_KINDS
def test_a_crash_is_told_though_a_helper_holds_the_pipes_and_the_helper_ends(serve, remote, helped, kind):
    factory, lock = helped
    server = serve(factory(kind), step_timeout_ms=30_000)
    env = remote(server)
    env.reset(options={"then": "crash"})
    with pytest.raises(GymwireError, match=r"ENV_FAILED: step: the simulator's process died \(SIGSEGV\)"):
        env.step(ACTION)
    wait_until_over(lock)


@ALL_KINDS
def test_a_close_ends_the_helpers(serve, remote, helped, kind):
    factory, lock = helped
    server = serve(factory(kind))
    env = remote(server)
    env.reset()
    env.close()
    # Closed means gone, not on its way.
    import fcntl

    with Path(lock).open() as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    assert server.session_count == 0


def test_a_shutdown_ends_the_helpers_of_a_simulator_that_had_crashed(serve, remote, helped):
    factory, lock = helped
    server = serve(factory("Popen, deaf to SIGTERM"))
    env = remote(server, reconnect_timeout_ms=0)
    env.reset(options={"then": "crash"})
    with pytest.raises(GymwireError):
        env.step(ACTION)
    server.shutdown()
    wait_until_over(lock)


SERVE = """
import sys
sys.path[:] = {path!r}
import gymwire
from test_helper_processes import Helped
gymwire.serve(lambda: Helped({kind!r}, {lock!r}), port=0, on_listening=lambda server: print(server.address, flush=True))
"""


@ALL_KINDS
def test_a_server_that_is_killed_leaves_no_helper_behind(remote, tmp_path, kind):
    lock = str(tmp_path / "lock")
    program = SERVE.format(path=sys.path, kind=kind, lock=lock)
    server = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    try:
        env = remote(server.stdout.readline().strip(), reconnect_timeout_ms=0)
        env.reset()
    finally:
        server.kill()
        server.communicate()
    wait_until_over(lock)


def test_a_service_that_was_started_without_the_mark_outlives_the_session(serve, remote, tmp_path):
    """What several sessions share: an adb server, a license daemon."""
    lock, pid_file = str(tmp_path / "lock"), tmp_path / "pid"

    class Sharing(Point):
        def __init__(self):
            super().__init__()
            unmarked = {name: value for name, value in os.environ.items() if name != MARK}
            command = [sys.executable, "-c", HELPER, lock]
            pid_file.write_text(str(subprocess.Popen(command, env=unmarked, start_new_session=True).pid))
            while not Path(f"{lock}.up").exists():
                time.sleep(0.005)

    env = remote(serve(Sharing))
    env.reset()
    env.close()
    # It is still there to be killed, and nobody else has done so.
    os.kill(int(pid_file.read_text()), signal.SIGKILL)
    wait_until_over(lock)


def test_a_fork_that_returns_from_a_step_answers_nothing(serve, remote, helped):
    factory, _ = helped
    env = remote(serve(factory("fork")))
    env.reset(options={"then": "fork"})
    assert [env.step(ACTION)[0].tolist() for _ in range(3)] == [[0.5], [1.0], [1.5]]


def test_the_mark_is_a_sessions_own(serve, remote):
    class Telling(Point):
        def reset(self, *, seed=None, options=None):
            return super().reset()[0], {"mark": os.environ[MARK]}

    server = serve(Telling)
    marks = {remote(server).reset()[1]["mark"] for _ in range(2)}
    assert len(marks) == 2
    assert MARK not in os.environ
