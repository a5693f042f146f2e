"""Servers on a Unix socket instead of a port: as on a port, and with a file that must be whose it is."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys

import gymnasium
import numpy as np
import pytest
from sample_envs import Point

import gymwire
from gymwire import GymwireError
from gymwire.server import operator_file
from gymwire.server.operator_file import KnownServer
from gymwire.server.options import ServerOptions
from gymwire.server_address import LONGEST_PATH, parse_server_address

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sockets of POSIX")


def code(error):
    return error.value.code


def episode(env):
    observation, _ = env.reset(seed=7)
    heard = [observation]
    for t in range(50):
        heard.append(env.step(np.array([np.sin(t)], np.float32))[0])
    return np.array(heard)


def test_it_answers_bit_for_bit_as_on_a_port(serve, remote, tmp_path):
    on_socket = serve("Pendulum-v1", host=f"unix:{tmp_path}/gym.sock")
    on_port = serve("Pendulum-v1")
    episodes = [episode(remote(server, "Pendulum-v1")) for server in (on_socket, on_port)]
    assert episodes[0].tobytes() == episodes[1].tobytes()
    with gymnasium.make("Pendulum-v1") as env:
        assert episodes[0].tobytes() == episode(env).tobytes()


def test_it_says_what_clients_connect_to_from_whatever_folder(serve, remote, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    server = serve(Point, host="unix:a b%41#.sock")
    path = tmp_path / "a b%41#.sock"
    assert (server.address, server.port) == (f"unix:{path}", 0)
    assert stat.S_ISSOCK(path.lstat().st_mode)
    for address in (f"unix:{path}", f"unix://{path}", "unix:a b%41#.sock"):
        assert remote(address).reset()[0].tolist() == [0.0]


def test_its_file_is_its_owners_alone_and_gone_at_its_end(serve, tmp_path):
    before = os.umask(0)
    try:
        server = serve(Point, host=f"unix:{tmp_path}/gym.sock")
    finally:
        os.umask(before)
    assert [path.name for path in tmp_path.iterdir()] == ["gym.sock"]
    assert stat.S_IMODE((tmp_path / "gym.sock").lstat().st_mode) == 0o600
    server.shutdown()
    assert list(tmp_path.iterdir()) == []


def test_the_file_of_a_dead_server_is_taken_over(serve, remote, tmp_path):
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / "gym.sock"))
    server = serve(Point, host=f"unix:{tmp_path}/gym.sock")
    assert remote(server).reset()[0].tolist() == [0.0]
    assert [path.name for path in tmp_path.iterdir()] == ["gym.sock"]


def test_nothing_is_taken_from_a_server_that_lives_nor_a_file_that_is_no_socket(serve, remote, tmp_path):
    first = serve(Point, host=f"unix:{tmp_path}/gym.sock")
    with pytest.raises(GymwireError, match="another server listens there") as error:
        serve(Point, host=f"unix:{tmp_path}/gym.sock")
    assert code(error) == "SERVER_UNAVAILABLE"
    assert remote(first).reset()[0].tolist() == [0.0]
    (tmp_path / "notes").write_text("kept")
    with pytest.raises(GymwireError, match="a file of another kind"):
        serve(Point, host=f"unix:{tmp_path}/notes")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["gym.sock", "notes"]
    with pytest.raises(GymwireError, match="no such folder") as error:
        serve(Point, host=f"unix:{tmp_path}/missing/gym.sock")
    assert code(error) == "SERVER_UNAVAILABLE"


def test_the_end_of_a_server_takes_no_other_servers_file(serve, remote, tmp_path):
    first = serve(Point, host=f"unix:{tmp_path}/gym.sock")
    (tmp_path / "gym.sock").unlink()
    second = serve(Point, host=f"unix:{tmp_path}/gym.sock")
    first.shutdown()
    assert remote(second).reset()[0].tolist() == [0.0]


def test_a_token_works_as_well(serve, remote, tmp_path):
    (tmp_path / "token").write_text("clients-0123456789")
    server = serve(Point, host=f"unix:{tmp_path}/gym.sock", token_file=tmp_path / "token")
    with pytest.raises(GymwireError) as error:
        remote(server)
    assert code(error) == "UNAUTHENTICATED"
    assert remote(server, token="clients-0123456789").reset()[0].tolist() == [0.0]


@pytest.mark.parametrize(
    ("address", "expected", "message"),
    [
        ("unix:", "INVALID_ARGUMENT", "the path of a socket"),
        ("unix://host/gym.sock", "INVALID_ARGUMENT", "the path of a socket"),
        ("unix:folder/", "INVALID_ARGUMENT", "the path of a socket"),
        ("unix:/" + "x" * LONGEST_PATH, "INVALID_ARGUMENT", f"may have {LONGEST_PATH} bytes"),
        ("unix-abstract:", "INVALID_ARGUMENT", "a name of at most")
        if sys.platform == "linux"
        else ("unix-abstract:gym", "UNSUPPORTED", "only Linux"),
    ],
)
def test_an_address_that_is_none_is_refused_by_both_sides(address, expected, message):
    for refused in (lambda: gymwire.RemoteEnv(address, "Env-v0"), lambda: ServerOptions(host=address)):
        with pytest.raises(GymwireError, match=message) as error:
            refused()
        assert code(error) == expected


def test_there_is_neither_tls_nor_a_port(tmp_path):
    host = f"unix:{tmp_path}/gym.sock"
    for refused in (
        lambda: gymwire.RemoteEnv(host, "Env-v0", tls=True),
        lambda: ServerOptions(host=host, tls_cert="c", tls_key="k"),
    ):
        with pytest.raises(GymwireError, match="no TLS"):
            refused()
    with pytest.raises(GymwireError, match=r"port: .* has none"):
        ServerOptions(host=host, port=7)


def test_it_is_refused_by_name_on_windows(monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    for address in ("unix:/run/gym.sock", "unix-abstract:gym"):
        with pytest.raises(GymwireError, match="Windows") as error:
            parse_server_address(address, encrypts=False)
        assert code(error) == "UNSUPPORTED"


@pytest.mark.skipif(sys.platform != "linux", reason="sockets of Linux")
def test_a_name_without_a_file_is_one_of_linux(serve, remote, tmp_path):
    name = f"unix-abstract:gymwire-{os.getpid()}-{tmp_path.name}"
    server = serve(Point, host=name)
    assert server.address == name
    assert remote(server).reset()[0].tolist() == [0.0]


def test_the_operators_token_is_found_by_the_path(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setattr(operator_file.tempfile, "gettempdir", lambda: str(tmp_path))
    known = KnownServer("unix:/run/gym.sock", "operator-0123456789")
    # The name that `gymwire sessions` looks for.
    assert operator_file.write_operator_file(known).name == "operator-unix-0aaafc32ba74c43e.json"
    assert operator_file.read_operator_files() == [known]


def test_the_command_line_serves_and_lists_sessions(remote, tmp_path):
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path), "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-m", "gymwire", "--json"]
    server = subprocess.Popen(
        [*command, "serve", "Pendulum-v1", "--host", "unix:gym.sock"],
        stdout=subprocess.PIPE,
        cwd=tmp_path,
        env=environment,
        text=True,
    )
    try:
        listening = json.loads(server.stdout.readline())
        address = f"unix:{tmp_path}/gym.sock"
        assert (listening["address"], listening["host"], listening["port"]) == (address, address, 0)
        remote(address, "Pendulum-v1").reset()
        for more in ([], ["--server", "unix:gym.sock"]):
            result = subprocess.run(
                [*command, "sessions", *more], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60
            )
            assert result.returncode == 0, result.stderr
            (session,) = json.loads(result.stdout)["sessions"]
            assert (session["env_id"], session["peer"]) == ("Pendulum-v1", "unix:")
    finally:
        server.terminate()
        server.communicate(timeout=60)
    assert not (tmp_path / "gym.sock").exists()
    assert list((tmp_path / "gymwire").iterdir()) == []
