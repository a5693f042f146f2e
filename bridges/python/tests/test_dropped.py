"""Environments that nobody closes: the server has their places back all the same."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import time

import gymnasium
import numpy as np
import pytest
from sample_envs import Point

import gymwire
from gymwire.client import janitor

ACTION = np.array([0.5], np.float32)
#: Against hanging only.
PATIENCE_S = 60


def wait_until_free(server):
    give_up = time.monotonic() + PATIENCE_S
    while server.session_count > 0:
        assert time.monotonic() < give_up, "the session is still there"
        time.sleep(0.01)


def make_remote(address):
    return gymwire.RemoteEnv(address, "Env-v0")


KINDS = {
    "RemoteEnv": make_remote,
    "gymnasium.make": lambda address: gymnasium.make("gymwire/Remote-v0", address=address, env_id="Env-v0"),
    "RemoteVectorEnv": lambda address: gymwire.RemoteVectorEnv(2, address, "Env-v0"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_an_environment_that_is_dropped_frees_its_place(serve, kind):
    server = serve(Point)
    env = KINDS[kind](server.address)
    env.reset()
    assert server.session_count == 1
    del env
    wait_until_free(server)


def test_an_environment_in_a_cycle_frees_its_place_when_the_collector_finds_it(serve):
    server = serve(Point)
    env = make_remote(server.address)
    env.me = env
    env.reset()
    del env
    gc.collect()
    wait_until_free(server)


def test_dropping_neither_waits_nor_takes_a_lock(serve, remote, monkeypatch):
    """The collector may call in the middle of anything, gRPC's own locks included."""
    server = serve(Point)
    env = make_remote(server.address)
    here = janitor._janitor
    put = []
    monkeypatch.setattr(here, "dropped", type("Queue", (), {"put": lambda _, session: put.append(session)})())
    with janitor._lock:
        del env
    assert len(put) == 1
    assert server.session_count == 1
    put[0].close_soon()
    wait_until_free(server)


def test_a_connection_that_is_dropped_is_closed(serve):
    server = serve(Point, max_connections=2)
    for _ in range(10):
        gymwire.Connection(gymwire.ConnectionOptions(server.address)).list_envs()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="fork of POSIX")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_process_that_drops_an_environment_leaves_the_parents_session_alone(serve, remote):
    server = serve(Point)
    envs = [make_remote(server.address)]
    envs[0].reset()
    pid = os.fork()
    if pid == 0:
        envs.clear()
        gc.collect()
        os._exit(0)
    os.waitpid(pid, 0)
    assert envs[0].step(ACTION)[0].tolist() == [0.5]
    envs[0].close()


PROGRAM = """
import sys
import gymwire
env = gymwire.RemoteEnv({address!r}, "Env-v0")
envs = gymwire.RemoteVectorEnv(2, {address!r}, "Env-v0")
env.reset(), envs.reset()
{end}
"""


@pytest.mark.parametrize("end", ["", "sys.exit(3)", "raise KeyError('x')"])
def test_a_program_that_ends_without_closing_frees_its_places(serve, end):
    server = serve(Point)
    program = PROGRAM.format(address=server.address, end=end)
    subprocess.run([sys.executable, "-c", program], check=False, timeout=PATIENCE_S, stderr=subprocess.DEVNULL)
    wait_until_free(server)


def test_an_environment_whose_spaces_cannot_be_read_leaves_no_session(serve, monkeypatch):
    server = serve(Point)

    def fail(*_):
        raise gymwire.GymwireError("MALFORMED", "no space")

    monkeypatch.setattr("gymwire.client.remote_session.decode_space", fail)
    with pytest.raises(gymwire.GymwireError, match="no space"):
        make_remote(server.address)
    wait_until_free(server)
