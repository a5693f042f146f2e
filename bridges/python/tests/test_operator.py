"""The operator's side: which sessions there are, and an end for one that should not be."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
import threading
import time

import grpc
import numpy as np
import pytest
from sample_envs import Gated, Point

import gymwire
from gymwire import GymwireError
from gymwire.__main__ import main
from gymwire.server import operator_file
from gymwire.server.operator_client import OperatorClient
from gymwire.server.operator_file import KnownServer
from gymwire.v1 import env_service_pb2

ACTION = np.array([0.5], np.float32)
OPERATOR, CLIENT = "operator-0123456789", "client-0123456789"
PATIENCE_S = 60


@pytest.fixture
def operator():
    made = []

    def make(server, token=OPERATOR):
        made.append(OperatorClient(server if isinstance(server, str) else server.address, token))
        return made[-1]

    yield make
    for client in made:
        client.close()


def test_sessions_are_listed_with_age_client_and_environment(serve, remote, remote_vector, operator):
    server = serve(Point, operator_token=OPERATOR, max_sessions=7)
    first, second = remote(server), remote_vector(server, 3)
    first.reset()
    first.step(ACTION)
    listed = operator(server).list_sessions()
    assert listed.max_sessions == 7
    one, other = listed.sessions
    assert [one.env_id, one.HasField("num_envs"), one.calls, one.attached] == ["Env-v0", False, 2, True]
    assert [other.num_envs, other.calls, other.busy_ms] == [3, 0, 0]
    assert one.peer.startswith("127.0.0.1:")
    assert "grpc-python" in one.client
    assert one.age_ms >= other.age_ms
    assert one.handle != other.handle
    session_id = first._session.description.session_id
    assert session_id not in listed.sessions[0].SerializeToString().decode("latin-1")
    second.close()
    assert [session.handle for session in operator(server).list_sessions().sessions] == [one.handle]


def test_an_end_while_a_step_is_under_way_is_told_to_the_client_who_makes_no_other_session(
    serve, remote, operator, tmp_path
):
    folder = str(tmp_path)
    server = serve(lambda: Gated(folder), operator_token=OPERATOR)
    env = remote(server)
    env.reset()
    failures = []

    def step():
        try:
            env.step(ACTION)
        except GymwireError as error:
            failures.append(error)

    thread = threading.Thread(target=step)
    thread.start()
    while not (tmp_path / "started").exists():
        time.sleep(0.005)
    busy = operator(server).list_sessions().sessions[0]
    assert busy.busy_ms >= 1
    assert busy.idle_ms == 0
    ended = operator(server).end_session(busy.handle)
    assert ended.handle == busy.handle
    thread.join(PATIENCE_S)
    assert server.session_count == 0
    for call in (lambda: failures.pop(), lambda: failing(env.reset), lambda: failing(env.reset)):
        error = call()
        assert (error.code, error.details["ended_by"]) == ("SESSION_GONE", "operator")
    assert server.session_count == 0
    assert failing(operator(server).end_session, busy.handle).code == "SESSION_GONE"


def failing(call, *arguments):
    with pytest.raises(GymwireError) as caught:
        call(*arguments)
    return caught.value


def test_each_side_has_a_token_of_its_own(serve, remote, operator, tmp_path):
    for name, token in (("client", CLIENT), ("operator", OPERATOR)):
        (tmp_path / name).write_text(token)
    server = serve(Point, token_file=tmp_path / "client", operator_token_file=tmp_path / "operator")
    assert len(operator(server).list_sessions().sessions) == 0
    for token in (CLIENT, "x" * 20):
        assert failing(operator(server, token).list_sessions).code == "UNAUTHENTICATED"
    assert failing(remote, server).code == "UNAUTHENTICATED"
    with pytest.raises(GymwireError, match="UNAUTHENTICATED"):
        remote(server, token=OPERATOR)
    remote(server, token=CLIENT).reset()
    with pytest.raises(GymwireError, match="another token"):
        serve(Point, token_file=tmp_path / "client", operator_token_file=tmp_path / "client")


def test_without_an_operators_token_nothing_is_said_of_that_side(serve, operator):
    server = serve(Point)
    assert failing(operator(server).list_sessions).code == "UNSUPPORTED"
    channel = grpc.insecure_channel(server.address)
    with pytest.raises(grpc.RpcError) as caught:
        channel.unary_unary("/gymwire.v1.OperatorService/ListSessions")(b"", timeout=PATIENCE_S)
    assert caught.value.code() == grpc.StatusCode.UNIMPLEMENTED
    channel.close()


@pytest.mark.skipif(sys.platform == "win32", reason="modes and signals of POSIX")
def test_the_command_line_finds_its_servers_by_their_files(remote, tmp_path):
    # Other servers of this user, in the folder for temporary files, are none of this test's.
    (tmp_path / "tmp").mkdir()
    environ = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path), "TMPDIR": str(tmp_path / "tmp")}
    command = [sys.executable, "-m", "gymwire", "--json"]
    server = subprocess.Popen([*command, "serve", "Pendulum-v1", "--port", "0"], stdout=subprocess.PIPE, env=environ)
    try:
        listening = json.loads(server.stdout.readline())
        file = tmp_path / "gymwire" / f"operator-{listening['port']}.json"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
        assert json.loads(file.read_text())["address"] == listening["address"]
        # What a killed server left does no harm.
        (file.parent / "operator-1.json").write_text('{"address": "127.0.0.1:1", "token": "x"}')
        (file.parent / "operator-1.json").chmod(0o600)
        env = remote(listening["address"], "Pendulum-v1", reconnect_timeout_ms=0)
        env.reset(seed=1)

        def run(*arguments):
            result = subprocess.run(
                [*command, "sessions", *arguments], capture_output=True, text=True, env=environ, check=False, timeout=60
            )
            assert result.returncode == 0, result.stderr
            return json.loads(result.stdout)

        (session,) = run()["sessions"]
        assert (session["env_id"], session["calls"]) == ("Pendulum-v1", 1)
        run("--server", listening["address"], "--end", session["handle"])
        assert failing(env.step, [0.5]).details["ended_by"] == "operator"
        assert run("--server", listening["address"])["sessions"] == []
    finally:
        server.terminate()
        server.communicate(timeout=60)
    assert not file.exists()


def test_an_operators_token_goes_to_another_machine_over_tls_only(tmp_path, capsys):
    (tmp_path / "operator").write_text(OPERATOR)
    command = ["sessions", "--server", "192.0.2.1:50051", "--operator-token-file", str(tmp_path / "operator")]
    assert main(command) != 0
    said = capsys.readouterr().err
    assert "it could be read" in said
    assert "--insecure" in said
    assert OPERATOR not in said
    OperatorClient("192.0.2.1:50051", OPERATOR, insecure=True).close()


@pytest.mark.skipif(sys.platform == "win32", reason="modes and links of POSIX")
def test_a_folder_or_a_file_that_others_can_change_is_not_trusted(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.setattr(operator_file.tempfile, "gettempdir", lambda: str(tmp_path / "tmp"))
    (tmp_path / "run").mkdir()
    (tmp_path / "tmp").mkdir()
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    (tmp_path / "run" / "gymwire").symlink_to(tmp_path / "elsewhere")
    path = operator_file.write_operator_file(KnownServer("127.0.0.1:5", OPERATOR))
    assert path.parent == tmp_path / "tmp" / f"gymwire-{os.getuid()}"
    assert operator_file.read_operator_files() == [KnownServer("127.0.0.1:5", OPERATOR)]
    path.chmod(0o644)
    assert operator_file.read_operator_files() == []
    operator_file.remove_operator_file(path, "another server's")
    assert path.exists()
    path.parent.chmod(0o777)
    with pytest.raises(OSError, match="not this user's alone"):
        operator_file.write_operator_file(KnownServer("127.0.0.1:6", OPERATOR))


def test_what_a_client_calls_itself_is_shown_escaped():
    from gymwire.server.operator_client import line_of
    from gymwire.v1 import operator_pb2

    line = line_of(operator_pb2.SessionSummary(handle="abc", client='evil\n\x1b[31m"'))
    assert "\n" not in line
    assert "\x1b" not in line
    assert gymwire.__name__ not in line


def test_a_session_that_closes_while_its_simulator_is_busy_is_seen_and_can_be_ended(serve, remote, operator, tmp_path):
    folder = str(tmp_path)
    server = serve({"Gated-v0": lambda: Gated(folder)}, operator_token=OPERATOR, max_sessions=1)
    env = remote(server, "Gated-v0")
    env.reset()
    session = env._session
    thread = threading.Thread(target=failing, args=(env.step, ACTION))
    thread.start()
    while not (tmp_path / "started").exists():
        time.sleep(0.005)
    asking = grpc.insecure_channel(server.address)
    close = asking.unary_unary("/gymwire.v1.EnvService/CloseSession")
    request = env_service_pb2.CloseSessionRequest(session_id=session.description.session_id).SerializeToString()
    closing = close.future(request, timeout=PATIENCE_S)
    while next(iter(server._server._store._entries.values())).closing is None:
        time.sleep(0.005)
    # Also when whoever asked for it has gone.
    closing.cancel()
    (busy,) = operator(server).list_sessions().sessions
    assert busy.busy_ms >= 1
    with pytest.raises(GymwireError, match="CAPACITY"):
        remote(server, "Gated-v0", reconnect_timeout_ms=0)
    operator(server).end_session(busy.handle)
    assert server.session_count == 0
    thread.join(PATIENCE_S)
    remote(server, "Gated-v0").reset()
    asking.close()


@pytest.mark.parametrize("token", ["", "short", "with spaces in the middle"])
def test_an_operators_token_given_as_text_is_held_to_the_rule_of_files(serve, token):
    with pytest.raises(GymwireError, match="INVALID_ARGUMENT: operator_token: expected one token of at least 16"):
        serve(Point, operator_token=token)


@pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX")
def test_servers_that_could_not_be_asked_are_told_and_the_others_shown(serve, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setattr(operator_file.tempfile, "gettempdir", lambda: str(tmp_path))
    server = serve(Point, operator_token=OPERATOR)
    with socket.create_server(("127.0.0.1", 0)) as other:
        with_tls = f"127.0.0.1:{other.getsockname()[1]}"
        operator_file.write_operator_file(KnownServer("127.0.0.1:1", OPERATOR))
        operator_file.write_operator_file(KnownServer(with_tls, OPERATOR, tls=True))
        operator_file.write_operator_file(KnownServer(server.address, OPERATOR))
        assert main(["sessions"]) == 3
    told = capsys.readouterr()
    assert f"{server.address}: 0 of 64 sessions" in told.out
    assert f"not reached: TLS_FAILED: {with_tls} speaks TLS: say with --ca" in told.err
    assert "1 of 2 servers were not reached" in told.err


@pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX")
def test_a_session_is_ended_on_whichever_server_has_it_and_killed_servers_are_one_line(
    serve, remote, tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setattr(operator_file.tempfile, "gettempdir", lambda: str(tmp_path))
    assert main(["sessions"]) == 0
    assert "no server that you started runs on this machine" in capsys.readouterr().out
    servers = [serve(Point, operator_token=OPERATOR) for _ in range(2)]
    for port in range(1, 6):
        operator_file.write_operator_file(KnownServer(f"127.0.0.1:{port}", OPERATOR))
    for server in servers:
        operator_file.write_operator_file(KnownServer(server.address, OPERATOR))
    remote(servers[1]).reset()
    assert main(["--json", "sessions"]) == 0
    told = capsys.readouterr()
    assert told.err == "5 that ended without a word (killed?) are left out\n"
    lists = map(json.loads, told.out.splitlines())
    (session,) = [session for found in lists for session in found["sessions"]]
    assert main(["sessions", "--end", session["handle"]]) == 0
    assert servers[1].session_count == 0
    assert main(["sessions", "--end", session["handle"]]) == 1
    assert "SESSION_GONE" in capsys.readouterr().err
