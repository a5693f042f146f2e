"""A client's stream: in its caller's thread, or by grpcio's iterators where grpcio is another one than it was."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from sample_envs import Point

from gymwire import GymwireError
from gymwire.client import stream_call

ACTION = np.array([0.5], np.float32)


@pytest.fixture(params=["the caller's thread", "iterators"])
def way(request, monkeypatch):
    if request.param == "iterators":
        # As where grpcio has its parts elsewhere.
        monkeypatch.setitem(sys.modules, "grpc._cython", None)
    return request.param


@pytest.mark.usefixtures("way")
def test_steps_answers_and_the_end_of_a_session_are_the_same_in_both_ways(serve, remote):
    server = serve(Point)
    env = remote(server)
    assert env.reset()[0].tolist() == [0.0]
    assert [env.step(ACTION)[0].tolist() for _ in range(3)] == [[0.5], [1.0], [1.5]]
    with pytest.raises(GymwireError, match="BAD_ACTION"):
        env.step(np.array([0.5, 0.5], np.float32))
    env.close()
    assert server.session_count == 0


@pytest.mark.usefixtures("way")
def test_a_stream_that_its_server_ends_says_why(serve, remote):
    server = serve(Point, drain_timeout_ms=0)
    env = remote(server, reconnect_timeout_ms=0)
    env.reset()
    server.shutdown()
    with pytest.raises(GymwireError, match=r"SHUTTING_DOWN|SERVER_UNAVAILABLE"):
        env.step(ACTION)


def grpcs_threads(before=()):
    return [one for one in threading.enumerate() if one.name.endswith("(_run)") and one not in before]


def test_steps_need_no_thread_of_grpcs(serve, remote, way):
    before = grpcs_threads()
    env = remote(serve(Point))
    env.reset()
    env.step(ACTION)
    assert (grpcs_threads(before) == []) == (way == "the caller's thread")


@pytest.mark.forks
@pytest.mark.parametrize("why", ["a server is here", "grpcio's support of forks was asked for"])
def test_where_a_fork_would_harm_the_iterators_serve(serve, remote, monkeypatch, why):
    server = serve(Point)
    if why != "a server is here":
        monkeypatch.setattr(stream_call, "serves_here", lambda: False)
        monkeypatch.setenv("GRPC_ENABLE_FORK_SUPPORT", "1")
    before = grpcs_threads()
    env = remote(server)
    env.reset()
    assert grpcs_threads(before) != []


FORKS = """
import os, sys, time
import numpy as np
import gymwire
envs = gymwire.RemoteVectorEnv(4, sys.argv[1], "Env-v0")
envs.reset()
env = gymwire.RemoteEnv(sys.argv[1], "Env-v0")
env.reset()
for turn in range(40):
    envs.step(np.full((4, 1), 0.5, np.float32))
    env.step(np.array([0.5], np.float32))
    child = os.fork()
    if child == 0:
        time.sleep(0.02)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0, f"the child of turn {turn} crashed"
print(env.step(np.array([0.5], np.float32))[0].tolist())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="forks of POSIX")
def test_children_of_a_client_live_and_the_client_goes_on(serve):
    address = serve(Point).address
    run = subprocess.run([sys.executable, "-c", FORKS, address], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (0, "[20.5]\n"), run.stderr[-2000:]


class Slow(Point):
    def step(self, action):
        time.sleep(0.5)
        return super().step(action)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_signal_handler_may_close_what_it_has_interrupted(serve, remote):
    server = serve(Slow)
    env = remote(server)
    env.reset()
    before = signal.signal(signal.SIGUSR1, lambda *_: env.close())
    pressed = threading.Timer(0.1, signal.pthread_kill, (threading.main_thread().ident, signal.SIGUSR1))
    try:
        pressed.start()
        with pytest.raises(GymwireError):
            [env.step(ACTION) for _ in range(2)]
    finally:
        pressed.join()
        signal.signal(signal.SIGUSR1, before)
    assert server.session_count == 0
