"""A client's stream: in its caller's thread, or by grpcio's iterators where grpcio is another one than it was."""

from __future__ import annotations

import signal
import sys
import threading
import time

import numpy as np
import pytest
from sample_envs import Point

from gymwire import GymwireError

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


def test_steps_need_no_thread_of_grpcs(serve, remote, way):
    before = {thread for thread in threading.enumerate() if thread.name.endswith("(_run)")}
    env = remote(serve(Point))
    env.reset()
    env.step(ACTION)
    more = [thread for thread in threading.enumerate() if thread.name.endswith("(_run)") and thread not in before]
    assert (more == []) == (way == "the caller's thread")


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
