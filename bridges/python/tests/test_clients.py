"""A gymwire server as ordinary Gymnasium environments, also when the connection breaks."""

from __future__ import annotations

import _thread
import contextlib
import socket
import sys
import threading
import time
from concurrent import futures

import grpc
import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.utils.env_checker import check_env
from made_up_replies import made_up_replies
from sample_envs import Gated, Point

import gymwire
from gymwire import GymwireError, SessionLostError
from gymwire.v1 import env_service_pb2 as pb

ACTION = np.array([0.5], np.float32)
CONFORMANCE = "gymwire/Conformance-v0"


class Proxy:
    """Forwards TCP to a server, until `cut` ends all connections, or `mute` drops what comes from then on."""

    def __init__(self, target):
        self._target = target
        self._pairs = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self):
        pairs, self._pairs = self._pairs, []
        for pair in pairs:
            for one in pair["sockets"]:
                _end(one)

    def mute(self):
        for pair in self._pairs:
            pair["muted"] = True

    def close(self):
        self._listener.close()
        self.cut()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            host, port = self._target.split(":")
            server = socket.create_connection((host, int(port)))
            pair = {"sockets": (client, server), "muted": False}
            self._pairs.append(pair)
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self._forward, args=(pair, source, sink), daemon=True).start()

    def _forward(self, pair, source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if not pair["muted"]:
                    sink.sendall(data)
        _end(source)
        _end(sink)


def _end(one):
    """The other side, or the other thread, may have been faster."""
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def proxy():
    made = []

    def make(server):
        made.append(Proxy(server.address))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_gymnasium_makes_it_by_its_id_and_again_from_its_spec(serve):
    server = serve(["Pendulum-v1"])
    env = gymnasium.make("gymwire/Remote-v0", address=server.address, env_id="Pendulum-v1", env_kwargs={"g": 9.81})
    again = env.spec.make()
    for one in (env, again):
        assert one.observation_space == gymnasium.spaces.Box(
            np.array([-1, -1, -8], np.float32), np.array([1, 1, 8], np.float32)
        )
    first, second = (one.reset(seed=3)[0] for one in (env, again))
    np.testing.assert_array_equal(first, second)
    local = gymnasium.make("Pendulum-v1", g=9.81)
    np.testing.assert_array_equal(first, local.reset(seed=3)[0])
    env.close()
    again.close()


@pytest.mark.filterwarnings("ignore:.*recommend using a symmetric.*")
def test_gymnasiums_checker_is_content(serve, remote):
    check_env(remote(serve(["Pendulum-v1"]), "Pendulum-v1"), skip_render_check=True)


def test_flags_are_bools_and_rewards_floats(serve, remote):
    env = remote(serve(Point), max_episode_steps=2)
    env.reset()
    _, reward, terminated, truncated, info = env.step([0.5])
    assert [type(value) for value in (reward, terminated, truncated)] == [float, bool, bool]
    assert (reward, terminated, truncated, info) == (-0.5, False, False, {"steps": 1})
    assert env.step([0.5])[3] is True


def test_it_draws_what_the_server_draws(serve, remote):
    env = remote(serve([], conformance=True), CONFORMANCE, render_mode="rgb_array")
    env.reset(seed=1)
    assert env.metadata == {"render_modes": ["rgb_array"], "render_fps": 25.0}
    assert env.render()[3, 5].tolist() == [0, 30, 50]


def test_errors_keep_their_codes(serve, remote):
    env = remote(serve([], conformance=True), CONFORMANCE, out_of_bounds="reject")
    with pytest.raises(GymwireError, match="NOT_RESET"):
        env.step([0, 0])
    env.reset(seed=1)
    with pytest.raises(GymwireError, match="BAD_ACTION"):
        env.step([0, 0, 0])
    with pytest.raises(GymwireError, match="NON_FINITE_ACTION"):
        env.step([np.nan, 0])
    with pytest.raises(GymwireError, match="ACTION_OUT_OF_BOUNDS") as caught:
        env.step([2, 0])
    assert caught.value.details == {"where": "action", "index": "0", "value": "2", "high": "1"}
    env.close()
    with pytest.raises(GymwireError, match="SESSION_GONE"):
        env.reset()


@pytest.mark.parametrize(
    "options",
    [
        {"address": "nowhere"},
        {"address": "127.0.0.1:65536"},
        {"deadline_ms": 0},
        {"tokne": "x"},
        {"token": "größe"},
        {"token": ""},
        {"on_session_loss": "ignore"},
        {"max_episode_steps": -2},
        {"max_episode_steps": 2.5},
    ],
)
def test_bad_options_are_refused_before_anything_is_opened(options):
    with pytest.raises(GymwireError, match="INVALID_ARGUMENT"):
        gymwire.RemoteEnv(**{"address": "127.0.0.1:1", "env_id": "Env-v0", **options})


@pytest.mark.parametrize(
    "address", ["10.0.0.7:50051", "sims.example:50051", "dns:///sims:50051", "[2001:db8::1]:50051"]
)
@pytest.mark.parametrize("given", ["token", "token_file"])
def test_a_token_goes_to_another_machine_over_tls_only_unless_the_network_is_trusted(tmp_path, given, address):
    secret = "a-token-of-sixteen"
    (tmp_path / "token").write_text(secret)
    token = {given: {"token": secret, "token_file": tmp_path / "token"}[given]}
    with pytest.raises(GymwireError, match=r"INVALID_ARGUMENT: token: on the way to .* it could be read") as caught:
        gymwire.RemoteEnv(address, "Env-v0", **token)
    assert secret not in str(caught.value)
    assert "insecure" in str(caught.value)
    for allowed in ({**token, "tls": True}, {**token, "ca": "ca.pem"}, {**token, "insecure": True}, {}):
        gymwire.ConnectionOptions(address, **allowed)


@pytest.mark.parametrize("address", ["127.0.0.1:1", "[::1]:1", "localhost:1", "127.8.8.8:1", "unix:/run/gym.sock"])
def test_a_token_on_its_way_to_this_machine_stays_as_it_is(address):
    if sys.platform == "win32" and address.startswith("unix:"):
        pytest.skip("no Unix sockets")
    gymwire.ConnectionOptions(address, token="a-token-of-sixteen")


def test_nobody_there_is_told_at_once():
    with pytest.raises(GymwireError, match=r"SERVER_UNAVAILABLE.*is a server running there"):
        gymwire.RemoteEnv("127.0.0.1:1", "Env-v0")


def test_cuts_of_the_connection_lose_no_step_and_double_none(serve, remote, proxy):
    line = proxy(serve([], conformance=True))
    env = remote(line.address, CONFORMANCE, max_episode_steps=0)
    env.reset(seed=1)
    generator = np.random.default_rng(7)
    stop = threading.Event()
    cuts = []

    def cut_now_and_then():
        while not stop.wait(generator.uniform(0.02, 0.2)):
            line.cut()
            cuts.append(1)

    thread = threading.Thread(target=cut_now_and_then)
    thread.start()
    try:
        step = 0
        while len(cuts) < 10 or step < 1000:
            step += 1
            observation, *_ = env.step([0, 0])
            assert observation[1:4].tolist() == [step, step, 1]
    finally:
        stop.set()
        thread.join()


def test_a_connection_that_dies_in_silence_is_given_up_at_the_deadline(serve, remote, proxy):
    line = proxy(serve([], conformance=True))
    env = remote(line.address, CONFORMANCE, deadline_ms=4000)
    env.reset(seed=1)
    line.mute()
    observation, *_ = env.step([0.25, 0])
    assert observation[1:].tolist() == [1, 1, 1, 0.25]


def restarted(serve, server):
    server.shutdown()
    return serve(Point, port=server.port)


def test_a_session_that_is_gone_ends_the_episode_with_an_error_and_a_reset_goes_on(serve, remote):
    server = serve(Point)
    env = remote(server)
    env.reset()
    env.step(ACTION)
    restarted(serve, server)
    with pytest.raises(SessionLostError, match=r"EPISODE_LOST.*a new session was opened"):
        env.step(ACTION)
    assert env.reset()[0].tolist() == [0.0]
    assert env.step(ACTION)[0].tolist() == [0.5]


def test_a_session_that_is_gone_may_truncate_the_episode_but_never_terminates_it(serve, remote):
    server = serve(Point)
    env = remote(server, on_session_loss="truncate")
    env.reset()
    env.step(ACTION)
    restarted(serve, server)
    observation, reward, terminated, truncated, info = env.step(ACTION)
    assert (observation.tolist(), reward, terminated, truncated) == ([0.5], 0.0, False, True)
    assert "a new session was opened" in info["gymwire_session_lost"]
    assert env.reset()[0].tolist() == [0.0]


def test_another_client_may_take_a_session_over_and_this_one_does_not_fight(serve, remote):
    env = remote(serve(Point))
    env.reset()
    thief = gymwire.Connection(gymwire.ConnectionOptions(env._session._connection.address))
    from gymwire.client.session_stream import _Stream
    from gymwire.v1 import env_service_pb2 as pb

    stream = _Stream(thief)
    attach = pb.AttachRequest(session_id=env._session.description.session_id, take_over=True)
    assert stream.exchange(pb.InteractRequest(attach=attach)).attach.last_sequence == 1
    with pytest.raises(GymwireError, match="SESSION_BUSY"):
        env.step(ACTION)
    stream.end()
    thief.close()


@pytest.mark.parametrize("after", ["step", "reset", "close"])
def test_ctrl_c_gives_a_step_up_and_the_next_request_gets_its_own_answer(serve, remote, tmp_path, after):
    folder = str(tmp_path)
    server = serve(lambda: Gated(folder))
    env = remote(server)
    env.reset()

    def press_once_it_steps():
        while not (tmp_path / "started").exists():
            time.sleep(0.01)
        _thread.interrupt_main()

    threading.Thread(target=press_once_it_steps).start()
    with pytest.raises(KeyboardInterrupt):
        env.step([0.5])
    (tmp_path / "go").touch()
    if after == "close":
        env.close()
        assert server.session_count == 0
        return
    if after == "reset":
        assert env.reset()[0].tolist() == [0.0]
        assert env.step([0.25])[4] == {"steps": 1}
        return
    # The step that was under way is carried out, and this one after it.
    assert env.step([0.25])[0].tolist() == [0.75]
    assert env.step([0.25])[4] == {"steps": 3}


class Verbose(Point):
    """Its reset's info is as long as it is told."""

    def reset(self, *, seed=None, options=None):
        observation, _ = super().reset(seed=seed)
        return observation, {"text": "x" * (options or {}).get("length", 0)}


class Dials(Point):
    """Its action is a Box of integers."""

    action_space = spaces.Box(0, 255, (2,), np.uint8)

    def step(self, action):
        return self._observe(), 0.0, False, False, {"action": action}


def test_numbers_that_a_space_of_integers_would_change_are_refused(serve, remote):
    env = remote(serve(Dials))
    env.reset()
    for action in ([300, 0], [-1, 0], [1.5, 0], [np.nan, 0], [1j, 0], ["1", "2"]):
        with pytest.raises(GymwireError, match="BAD_ACTION"):
            env.step(action)
    assert env.step([255.0, 7])[4]["action"].tolist() == [255, 7]


def test_an_integer_space_takes_no_float_and_no_text(serve, remote):
    env = remote(serve([], conformance=True), CONFORMANCE, env_kwargs={"observation": "echo"})
    action, _ = env.reset()
    for choice in (1.7, "1"):
        with pytest.raises(GymwireError, match="BAD_ACTION"):
            env.step({**action, "choice": choice})
    with pytest.raises(GymwireError, match=r"BAD_ACTION.*action.flags\[2\]: expected 0 or 1, got 2"):
        env.step({**action, "flags": [1, 0, 2]})
    assert env.step({**action, "choice": 1})[0]["choice"] == 1


def test_seeds_and_counts_that_no_field_holds_are_refused_by_name(serve, remote, remote_vector):
    server = serve(Point)
    env, envs = remote(server), remote_vector(server, 2)
    for seed in (2**64, True):
        with pytest.raises(
            GymwireError, match=r"INVALID_ARGUMENT: seed: expected an integer from 0 to 18446744073709551615"
        ):
            env.reset(seed=seed)
    for seed in (1.5, [1, -1], [1, 2**64], [1.5, 2], "ab"):
        with pytest.raises(GymwireError, match="INVALID_ARGUMENT: seed"):
            envs.reset(seed=seed)
    assert env.reset(seed=2**63 - 1)[1]["seed"] == 2**63 - 1
    assert envs.reset(seed=np.array([1, 2]))[1]["seed"].tolist() == [1, 2]
    for count in (0, -1, 2.5, 2**32):
        with pytest.raises(GymwireError, match="INVALID_ARGUMENT: num_envs"):
            remote_vector(server, count)


@pytest.mark.parametrize("options", [{"text": "x" * 100_000}, {"length": 100_000}], ids=["request", "reply"])
def test_a_message_above_the_limit_is_an_error_at_once_and_the_session_goes_on(serve, remote, options):
    env = remote(serve(Verbose, max_message_bytes=50_000))
    env.reset()
    with pytest.raises(GymwireError, match=r"CAPACITY.*(larger than max|at most 50000)"):
        env.reset(options=options)
    assert env.reset()[0].tolist() == [0.0]
    assert env.step(ACTION)[0].tolist() == [0.5]


class _Nonsense(grpc.GenericRpcHandler):
    """A server whose answers to requests on a stream are no messages."""

    def __init__(self):
        self._replies = made_up_replies()

    def service(self, handler_call_details):
        name = handler_call_details.method.split("/")[-1]
        if name == "Interact":
            return grpc.stream_stream_rpc_method_handler(self._interact)
        reply = self._replies[name].SerializeToString() if name in self._replies else b"\xff"
        return grpc.unary_unary_rpc_method_handler(lambda *_: reply)

    def _interact(self, requests, _context):
        for request in requests:
            attached = pb.InteractResponse(attach=pb.AttachResponse()).SerializeToString()
            yield attached if pb.InteractRequest.FromString(request).HasField("attach") else b"\xff"


def test_an_answer_that_cannot_be_decoded_is_malformed_at_once_and_not_asked_for_again(remote, caplog):
    server = grpc.server(futures.ThreadPoolExecutor())
    server.add_generic_rpc_handlers((_Nonsense(),))
    address = "127.0.0.1:%d" % server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        env = remote(address, reconnect_timeout_ms=30_000)
        with pytest.raises(GymwireError, match=r"MALFORMED.*cannot be decoded"):
            env.reset()
        connection = gymwire.Connection(gymwire.ConnectionOptions(address))
        with pytest.raises(GymwireError, match=r"MALFORMED.*ListEnvs"):
            connection.list_envs()
        connection.close()
        assert caplog.records == []
    finally:
        server.stop(0)


def test_an_environment_whose_making_was_cut_is_made_again(serve, remote, monkeypatch):
    make_session = gymwire.Connection.make_session
    attempts = []

    def cut_twice(connection, request):
        attempts.append(1)
        description = make_session(connection, request)
        if len(attempts) < 3:
            raise GymwireError("SERVER_UNAVAILABLE", "the reply was cut off", origin="transport")
        return description

    monkeypatch.setattr(gymwire.Connection, "make_session", cut_twice)
    env = remote(serve(Point))
    assert env.reset()[0].tolist() == [0.0]
    assert len(attempts) == 3


def test_a_request_that_always_breaks_its_connection_is_given_up(serve, remote, monkeypatch):
    from gymwire.client import session_stream

    env = remote(serve(Point), reconnect_timeout_ms=300)
    env.reset()
    exchange = session_stream._Stream.exchange

    def broken(stream, request):
        if request.WhichOneof("request") == "step":
            raise session_stream._Broken(GymwireError("SERVER_UNAVAILABLE", "cut again"))
        return exchange(stream, request)

    monkeypatch.setattr(session_stream._Stream, "exchange", broken)
    with pytest.raises(GymwireError, match="cut again"):
        env.step(ACTION)
    monkeypatch.undo()
    assert env.step(ACTION)[0].tolist() == [0.5]
