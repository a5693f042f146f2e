"""What a server owes its clients and its operator: isolation, limits, secrets, a clean end."""

from __future__ import annotations

import contextlib
import gc
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import grpc
import gymnasium
import numpy as np
import pytest
import trustme
from sample_envs import Leashed, Misbehaving, Point

import gymwire
from gymwire import GymwireError, ServerOptions
from gymwire.client.connection import Connection, ConnectionOptions
from gymwire.server.env_registration import no_env


def is_there(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


ACTION = np.array([0.5], np.float32)
ON_POSIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGSTOP and no SIGKILL")


def refused(code, call, *arguments, **options):
    with pytest.raises(GymwireError) as caught:
        call(*arguments, **options)
    assert caught.value.code == code, caught.value
    return caught.value.message


def test_each_session_has_a_process_of_its_own(serve, remote):
    server = serve(Point)
    pids = {remote(server).reset()[1]["pid"] for _ in range(2)}
    assert len(pids) == 2
    assert os.getpid() not in pids


def test_a_fleet_is_told_its_capacity_and_what_is_free(serve, remote):
    server = serve(Point, capacity=3, max_total_envs=10)

    def told():
        with contextlib.closing(Connection(ConnectionOptions(server.address))) as connection:
            return connection.server.capacity, connection.server.free_envs

    assert told() == (3, 10)
    env = remote(server)
    assert told() == (3, 9)
    env.close()
    full = serve(Point, max_sessions=1)
    remote(full)
    with contextlib.closing(Connection(ConnectionOptions(full.address))) as connection:
        assert connection.server.free_envs == 0


@pytest.mark.parametrize(
    ("then", "code", "cause"),
    [
        ("raise", "ENV_FAILED", "RuntimeError: no more fuel"),
        ("exit", "ENV_FAILED", "exit code 7"),
        ("hang", "ENV_FAILED", "did not answer within 4000 ms"),
    ],
)
def test_a_simulator_that_fails_tells_why_and_its_neighbour_goes_on(serve, remote, then, code, cause):
    server = serve(Misbehaving, step_timeout_ms=4000)
    bad, good = remote(server), remote(server)
    bad.reset(options={"then": then})
    good.reset()
    message = refused(code, bad.step, ACTION)
    assert cause in message
    assert good.step(ACTION)[0].tolist() == [0.5]
    # A reset opens a new session where the old one is gone, and simply works where only the episode was.
    assert bad.reset()[0].tolist() == [0.0]
    assert bad.step(ACTION)[0].tolist() == [0.5]


def test_a_simulator_that_dies_leaves_its_last_words(serve, remote):
    env = remote(serve(Misbehaving))
    env.reset(options={"then": "exit"})
    assert "the gearbox is on fire" in refused("ENV_FAILED", env.step, ACTION)


def test_a_simulator_may_print(serve, remote):
    env = remote(serve(Misbehaving))
    env.reset(options={"then": "print"})
    assert env.step(ACTION)[0].tolist() == [0.5]


@ON_POSIX
@pytest.mark.parametrize(
    ("number", "cause"), [("SIGKILL", "died (SIGKILL)"), ("SIGSTOP", "did not answer within 4000 ms")]
)
def test_a_simulator_that_is_killed_or_stopped_ends_its_session_alone(serve, remote, number, cause):
    server = serve(Point, step_timeout_ms=4000)
    victim, neighbour = remote(server), remote(server)
    _, info = victim.reset()
    neighbour.reset()
    os.kill(info["pid"], getattr(signal, number))
    assert cause in refused("ENV_FAILED", victim.step, ACTION)
    with pytest.raises(gymwire.SessionLostError):
        victim.step(ACTION)
    for _ in range(3):
        neighbour.step(ACTION)
    while is_there(info["pid"]):
        time.sleep(0.01)


def test_an_environment_that_cannot_be_made_tells_why(serve, remote):
    def make():
        raise OSError("the port of the robot is taken")

    server = serve({"Robot-v0": make})
    message = refused("ENV_FAILED", remote, server, "Robot-v0")
    assert message.startswith(
        "Robot-v0 could not be made: OSError: the port of the robot is taken (tests/test_server.py:"
    )
    assert server.session_count == 0


def test_a_factory_may_be_a_lambda_but_not_hold_what_cannot_travel(serve, remote):
    offset = 2.0
    env = remote(serve({"Near-v0": lambda: Point(start=offset)}), "Near-v0")
    assert env.reset()[0].tolist() == [2.0]
    lock = threading.Lock()
    assert "process of its own" in refused("INVALID_ARGUMENT", serve, {"Held-v0": lambda: lock})


def test_ids_of_the_wire_import_nothing(serve, remote):
    server = serve(["Pendulum-v1"])
    for env_id in ("sample_envs:Pendulum-v1", "MountainCarContinuous-v0", "os:Evil-v0", "../x", ""):
        assert "served: Pendulum-v1" in refused("UNKNOWN_ENV", remote, server, env_id)


def test_an_unknown_id_is_told_with_the_server_and_the_one_that_was_meant(serve, remote):
    server = serve(["Pendulum-v1"])
    message = refused("UNKNOWN_ENV", remote, server, "pendulum-v1")
    assert message.startswith(f'at {server.address}: no environment "pendulum-v1" here; ')
    assert message.endswith("; did you mean Pendulum-v1?")


class ResetsAsOfOld(Point):
    def reset(self):
        return super().reset()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (dict, "the factory returned a dictionary with the keys (none): expected an environment with observation_"),
        (lambda: None, "the factory returned nothing (does it end without return?): expected an environment with "),
        (lambda: Point().observation_space, "the factory returned the Box Box(-10.0, 10.0, (1,), float64): expec"),
    ],
)
def test_what_is_no_environment_is_told_as_it_is_made(serve, remote, make, message):
    assert message in refused("ENV_FAILED", remote, serve({"Odd-v0": make}), "Odd-v0")


def test_a_reset_of_older_times_is_told_with_what_it_should_take(serve, remote):
    env = remote(serve({"Old-v0": ResetsAsOfOld}), "Old-v0")
    assert "reset(self, *, seed=None, options=None)" in refused("ENV_FAILED", env.reset, seed=1)


def test_a_missing_package_is_no_unknown_id():
    error = no_env("Box-v3", gymnasium.error.DependencyNotInstalled("Box2D is not installed: pip install more"))
    assert (error.code, "pip install more" in error.message) == ("ENV_FAILED", True)


def test_an_unknown_id_of_the_operator_is_refused_at_start():
    message = refused("UNKNOWN_ENV", gymwire.start_server, "Nothing-v0")
    assert "Nothing" in message
    refused("INVALID_ARGUMENT", gymwire.start_server, {"no version": Point})
    refused("INVALID_ARGUMENT", gymwire.start_server, [])


def test_one_session_above_the_cap_is_refused_and_a_close_frees_a_place(serve, remote):
    server = serve(Point, max_sessions=2)
    first = remote(server)
    remote(server)
    assert "all 2 sessions" in refused("CAPACITY", remote, server)
    first.close()
    remote(server).reset()


def test_an_observation_of_5_mb(serve, remote):
    env = remote(serve([], conformance=True), "gymwire/Conformance-v0", env_kwargs={"observation": "image"})
    env.reset(seed=1)
    observation, *_ = env.step(np.array([0, 0], np.float32))
    expected = ((np.arange(1300 * 1300 * 3) + 1) % 251).astype(np.uint8).reshape(1300, 1300, 3)
    np.testing.assert_array_equal(observation, expected)


def test_a_client_that_pings_while_it_thinks_is_not_cut_off(serve):
    """gRPC's core answers frequent pings with GOAWAY too_many_pings, unless it is told not to."""
    server = serve(Point)
    channel = grpc.insecure_channel(
        server.address,
        [
            ("grpc.keepalive_time_ms", 100),
            ("grpc.keepalive_permit_without_calls", 1),
            ("grpc.http2.max_pings_without_data", 0),
            ("grpc.http2.min_time_between_pings_ms", 100),
        ],
    )
    connection = Connection(ConnectionOptions(server.address))
    connection._channel.close()
    connection._channel = channel
    states = []
    channel.subscribe(states.append, try_to_connect=True)
    connection.list_envs()
    time.sleep(3)
    connection.list_envs()
    assert grpc.ChannelConnectivity.TRANSIENT_FAILURE not in states
    assert states.count(grpc.ChannelConnectivity.READY) == 1
    connection.close()


def test_a_session_that_nobody_uses_is_closed_and_one_with_a_stream_is_not(serve, remote):
    server = serve(Point, idle_timeout_ms=3000)
    held = remote(server)
    held.reset()
    dropped = remote(server)
    _, info = dropped.reset()
    dropped._session._stream._stream.end()
    while server.session_count > 1:
        time.sleep(0.02)
    held.step(ACTION)
    refused("EPISODE_LOST", dropped.step, ACTION)
    assert dropped.reset()[1]["pid"] != info["pid"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"host": "0.0.0.0"}, "reachable from other machines"),
        ({"port": 70000}, "port: expected an integer from 0 to 65535"),
        ({"max_sessions": 0}, "max_sessions"),
        ({"tls_cert": "a.pem"}, "give both"),
        ({"token_file": "/nonexistent"}, "cannot read"),
    ],
)
def test_bad_options_are_refused_by_name(options, message):
    with pytest.raises(GymwireError, match=message) as caught:
        ServerOptions(**options).read_token()
    assert caught.value.code == "INVALID_ARGUMENT"


@pytest.mark.parametrize(
    ("options", "warning"),
    [
        ({"host": "127.0.0.2"}, None),
        ({"host": "0.0.0.0", "insecure": True}, "without encryption or authentication"),
        ({"host": "0.0.0.0", "token_file": "t"}, "set TLS"),
        ({"host": "::", "tls_cert": "c", "tls_key": "k"}, "set a token"),
        ({"host": "::", "tls_cert": "c", "tls_key": "k", "token_file": "t"}, None),
    ],
)
def test_the_operator_is_told_what_is_open(options, warning):
    warnings = ServerOptions(**options).warnings
    assert len(warnings) == (0 if warning is None else 1)
    assert all(warning in told for told in warnings)


@pytest.mark.parametrize("host", ["[::1]", "::1", "127.0.0.1", "localhost"])
def test_what_only_this_machine_reaches_needs_nothing(host):
    assert ServerOptions(host=host).warnings == []


def has_ipv6():
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
def test_an_address_in_brackets_is_listened_on(serve, remote):
    server = serve(Point, host="[::1]")
    assert server.address == f"[::1]:{server.port}"
    assert remote(server).reset()[0].tolist() == [0.0]


@pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX")
def test_a_secret_that_everybody_can_read_is_warned_of(tmp_path):
    path = tmp_path / "token"
    path.write_text("0123456789abcdef-secret")
    path.chmod(0o644)
    for name in ("token_file", "operator_token_file"):
        (warning,) = ServerOptions(**{name: path}).warnings
        assert warning.startswith(f"{name}: everybody on this machine can read")
    path.chmod(0o600)
    assert ServerOptions(token_file=path).warnings == []


@pytest.mark.parametrize("content", ["", "short", "a token with spaces in it", "tökentökentökentöken"])
def test_a_token_file_holds_one_token(tmp_path, content):
    path = tmp_path / "token"
    path.write_text(content, encoding="utf-8")
    assert "at least 16 characters" in refused("INVALID_ARGUMENT", ServerOptions(token_file=path).read_token)


@pytest.fixture
def token_file(tmp_path):
    path = tmp_path / "token"
    path.write_text("0123456789abcdef-secret\n")
    return path


def test_a_token_opens_the_server_and_nothing_else_does(serve, remote, token_file):
    server = serve(Point, token_file=token_file)
    assert remote(server, token="0123456789abcdef-secret").reset()[0].tolist() == [0.0]
    assert remote(server, token_file=token_file).reset()[0].tolist() == [0.0]
    for token in (None, "0123456789abcdef", "0123456789abcdef-secreT", "0123456789abcdef-secret2"):
        message = refused("UNAUTHENTICATED", remote, server, token=token)
        assert "secret" not in message


def test_a_stream_needs_the_token_too(serve, remote, token_file):
    env = remote(serve(Point, token_file=token_file), token_file=token_file)
    env.reset()
    env._session._connection._metadata = ()
    env._session._stream._stream.end()
    refused("UNAUTHENTICATED", env.step, ACTION)


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS has no 127.0.0.2 until somebody adds it")
def test_tls_and_token_on_another_address(serve, remote, authority, token_file, tmp_path):
    server = serve(Point, host="127.0.0.2", tls_cert=authority["cert"], tls_key=authority["key"], token_file=token_file)
    env = remote(server, ca=authority["ca"], token_file=token_file)
    env.reset()
    assert env.step(ACTION)[0].tolist() == [0.5]
    named = {"ca": authority["ca"], "token_file": token_file}
    refused("TLS_FAILED", remote, server, tls_server_name="robot.example", **named)
    assert remote(server, tls_server_name="127.0.0.1", **named).reset()[0].tolist() == [0.0]
    refused("UNAUTHENTICATED", remote, server, ca=authority["ca"])
    assert "wants TLS" in refused("TLS_FAILED", remote, server, token_file=token_file)
    stranger = tmp_path / "stranger.pem"
    trustme.CA().cert_pem.write_to_path(stranger)
    refused("TLS_FAILED", remote, server, ca=stranger, token_file=token_file)


def test_mutual_tls_asks_the_client_for_a_certificate(serve, remote, authority):
    server = serve(Point, tls_cert=authority["cert"], tls_key=authority["key"], tls_client_ca=authority["ca"])
    own = {"tls_cert": authority["client_cert"], "tls_key": authority["client_key"]}
    assert remote(server, ca=authority["ca"], **own).reset()[0].tolist() == [0.0]
    assert "asks for a certificate of this client: give tls_cert" in refused(
        "TLS_FAILED", remote, server, ca=authority["ca"]
    )
    stranger = trustme.CA().issue_cert("stranger.example")
    stranger.private_key_and_cert_chain_pem.write_to_path(authority["ca"].with_name("stranger.pem"))
    both = authority["ca"].with_name("stranger.pem")
    message = refused("TLS_FAILED", remote, server, ca=authority["ca"], tls_cert=both, tls_key=both)
    assert "does not accept this client's certificate" in message
    assert "SSL" not in message


@pytest.mark.parametrize(
    ("wrong", "named"), [("tls_cert", "tls_cert"), ("tls_key", "tls_key"), ("tls_client_ca", "tls_client_ca")]
)
def test_a_file_that_is_no_pem_is_named(authority, tmp_path, wrong, named):
    junk = tmp_path / "junk.pem"
    junk.write_text("no certificate")
    files = {"tls_cert": authority["cert"], "tls_key": authority["key"], "tls_client_ca": authority["ca"]}
    assert named in refused("INVALID_ARGUMENT", gymwire.start_server, Point, **{**files, wrong: junk})


def test_a_key_of_another_certificate_is_told(authority):
    pair = {"tls_cert": authority["cert"], "tls_key": authority["client_key"]}
    assert "private key" in refused("INVALID_ARGUMENT", gymwire.start_server, Point, **pair)


def test_a_taken_port_is_told(serve):
    server = serve(Point)
    assert str(server.port) in refused("SERVER_UNAVAILABLE", gymwire.start_server, Point, port=server.port)


def test_a_shutdown_ends_streams_with_a_code_and_every_process(serve, remote):
    server = serve(Point)
    env = remote(server, reconnect_timeout_ms=200)
    _, info = env.reset()
    server.shutdown()
    with pytest.raises(GymwireError) as caught:
        env.step(ACTION)
    assert caught.value.code in {"SHUTTING_DOWN", "SERVER_UNAVAILABLE"}
    if sys.platform != "win32":
        assert not is_there(info["pid"])


@ON_POSIX
def test_a_simulator_that_hangs_does_not_keep_the_server_from_ending(serve, remote, caplog):
    server = serve(Misbehaving, step_timeout_ms=3_600_000, drain_timeout_ms=200)
    env = remote(server, reconnect_timeout_ms=0)
    _, info = env.reset(options={"then": "hang"})
    failures = []

    def step():
        try:
            env.step(ACTION)
        except GymwireError as error:
            failures.append(error.code)

    thread = threading.Thread(target=step)
    thread.start()
    # Long enough for the step to begin, as a rule; the test holds either way.
    time.sleep(0.5)
    server.shutdown()
    thread.join()
    assert not is_there(info["pid"])
    assert len(failures) == 1

    # Nor does it leave a complaint of an error that nobody was left to hear.
    gc.collect()
    assert [record for record in caplog.records if record.name == "asyncio"] == []


SERVE_WHAT_NEVER_COMES = """
import fcntl, os, time
from pathlib import Path
import gymwire
from sample_envs import Gated

class Slow(Gated):
    def __init__(self):
        # Held as long as this process lives, whoever buries it.
        self.lock = open(FOLDER + "/lock", "w")
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        Path(FOLDER, "pid.new").write_text(str(os.getpid()))
        os.rename(FOLDER + "/pid.new", FOLDER + "/pid")
        if WHEN == "make":
            time.sleep(3600)
        super().__init__(FOLDER)

gymwire.serve({"Slow-v0": Slow}, port=0, on_listening=lambda server: print(server.address, flush=True))
"""


@ON_POSIX
@pytest.mark.parametrize("when", ["make", "step"])
def test_a_server_that_is_killed_leaves_no_simulator_behind(when, tmp_path):
    import fcntl

    program = f"FOLDER, WHEN = {str(tmp_path)!r}, {when!r}\n{SERVE_WHAT_NEVER_COMES}"
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path])}
    server = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, env=environ)
    pid = None
    try:
        address = server.stdout.readline().strip()

        def play():
            with contextlib.suppress(GymwireError):
                env = gymwire.RemoteEnv(address, "Slow-v0", reconnect_timeout_ms=0)
                env.reset()
                env.step(ACTION)

        threading.Thread(target=play, daemon=True).start()
        while not (tmp_path / ("pid" if when == "make" else "started")).exists():
            time.sleep(0.02)
        pid = int((tmp_path / "pid").read_text())
        assert is_there(pid)
        server.kill()
        server.wait()
        with (tmp_path / "lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
        pid = None
    finally:
        server.kill()
        server.stdout.close()
        if pid is not None:
            os.kill(pid, signal.SIGKILL)


def test_an_environment_is_told_in_mid_step_that_its_stream_has_ended(serve, remote, tmp_path):
    log = tmp_path / "log"
    server = serve({"Leashed-v0": lambda: Leashed(str(log))})
    env = remote(server, "Leashed-v0")
    env.reset()
    # The stream is ended behind the back of the step that waits for it; the client comes back and gets its reply.
    threading.Timer(0.2, env._session._stream._stream._call.cancel).start()
    assert env.step(ACTION)[0].tolist() == [0.5]
    assert log.read_text() == "detached"


@ON_POSIX
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_serves_until_a_signal_and_ends_with_0(number, remote):
    command = [sys.executable, "-m", "gymwire", "serve", "Pendulum-v1", "--port", "0", "--drain-timeout-ms", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        first = process.stdout.readline()
        assert first.startswith("serving on 127.0.0.1:")
        assert process.stdout.readline() == "Pendulum-v1\n"
        env = remote(first.split()[2], "Pendulum-v1", reconnect_timeout_ms=0)
        env.reset(seed=1)
        process.send_signal(number)
        output, errors = process.communicate(timeout=60)
    finally:
        process.kill()
    assert (process.returncode, output) == (0, "")
    assert re.fullmatch(r".* shutting down: 1 sessions may go on for 0 ms; .*\n", errors)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["serve", "Nothing-v0"], 2, "UNKNOWN_ENV"),
        (["serve"], 2, "at least one environment"),
        (["train", "--env", "Pendulum-v1"], 2, "npx gymwire train --env Pendulum-v1 --server 127.0.0.1:50051"),
        (["serve", "Pendulum-v1", "--host", "0.0.0.0"], 2, "reachable from other machines"),
    ],
)
def test_the_command_says_what_is_wrong(arguments, code, message):
    result = subprocess.run(
        [sys.executable, "-m", "gymwire", *arguments], capture_output=True, text=True, check=False, timeout=120
    )
    assert (result.returncode, result.stdout) == (code, "")
    assert message in result.stderr
    assert "Traceback" not in result.stderr
