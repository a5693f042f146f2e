"""Methods and attributes beyond Gymnasium's own: what the operator lists, and nothing else."""

from __future__ import annotations

import copy
import os
import threading
import time

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector import AutoresetMode
from gymnasium.wrappers import TimeLimit
from test_clients import Proxy

import gymwire
from gymwire import EnvRegistration, GymwireError
from gymwire.server.registry import EnvRegistry

GOALS = spaces.Box(-10, 10, (2,), np.float64)


class Reach(gymnasium.Env):
    """A goal is reached where it is closer than 0.1: as gymnasium-robotics' tasks are made."""

    observation_space = spaces.Dict(observation=GOALS, achieved_goal=GOALS, desired_goal=GOALS)
    action_space = spaces.Box(-1, 1, (2,), np.float32)
    threshold = 0.1
    helper = staticmethod(len)
    secret = "token"

    def __init__(self):
        self.moved = 0
        self.at = np.zeros(2)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.at = np.zeros(2)
        self.goal = self.np_random.uniform(-1, 1, 2)
        return self._observe(), {}

    def step(self, action):
        self.at = self.at + action
        reward = self.compute_reward(self.at, self.goal, {})
        return self._observe(), float(reward), False, False, {"bonus": 0.5}

    def _observe(self):
        return {"observation": self.at, "achieved_goal": self.at, "desired_goal": self.goal}

    def compute_reward(self, achieved_goal, desired_goal, info):
        distance = np.linalg.norm(achieved_goal - desired_goal, axis=-1)
        bonus = np.array([one.get("bonus", 0.0) for one in info]) if isinstance(info, list) else 0.0
        return -(distance > self.threshold).astype(np.float32) + bonus

    def show(self, *arguments, **keywords):
        return arguments, keywords

    def move(self):
        self.moved += 1
        return self.moved

    def move_slowly(self):
        time.sleep(0.1)
        return self.move()

    def consume(self, array):
        first = float(array[0])
        array[0] = -1
        return first

    def fail(self):
        self.moved += 1
        raise RuntimeError("the gripper is jammed")

    def hang(self):
        time.sleep(600)

    def opaque(self):
        return {"inner": [object()]}

    def large(self, size):
        return bytes(size)

    def where(self):
        return os.getpid()


METHODS = (
    "compute_reward",
    "show",
    "move",
    "move_slowly",
    "consume",
    "fail",
    "hang",
    "opaque",
    "large",
    "where",
    "missing",
)
ATTRIBUTES = ("threshold", "goal", "moved", "helper")


def wrapped():
    """As gymnasium.make wraps."""
    return TimeLimit(Reach(), 50)


def registration(make=Reach, **options):
    return EnvRegistration(make, methods=METHODS, attributes=ATTRIBUTES, **options)


@pytest.fixture
def server(serve):
    return serve({"Env-v0": registration(wrapped)}, max_message_bytes=2**20)


def raises(code, message):
    return pytest.raises(GymwireError, match=f"^{code}: .*{message}")


def test_hindsight_replay_asks_for_the_rewards_of_other_goals(server):
    """What Stable-Baselines3's HerReplayBuffer does, with the arrays that it has."""
    env = gymnasium.make("gymwire/Remote-v0", address=server.address, env_id="Env-v0")
    env.reset(seed=1)
    local = Reach()
    achieved = np.random.default_rng(1).uniform(-1, 1, (64, 2))
    desired = achieved + np.random.default_rng(2).uniform(-0.15, 0.15, (64, 2))
    infos = [{} for _ in range(64)]
    expected = local.compute_reward(achieved, desired, infos)
    assert len(set(expected)) == 2
    for compute_reward in (env.unwrapped.compute_reward, env.get_wrapper_attr("compute_reward")):
        rewards = compute_reward(achieved, desired, infos)
        assert rewards.dtype == expected.dtype
        assert np.array_equal(rewards, expected)
    # It keeps infos as an array of objects.
    kept = np.array([{"bonus": float(i), "terminal_observation": {"at": achieved[i]}} for i in range(64)])
    assert kept.dtype == object
    rewards = env.unwrapped.compute_reward(achieved, desired, kept)
    assert np.array_equal(rewards, local.compute_reward(achieved, desired, list(kept)))
    one = env.unwrapped.compute_reward(achieved[0], desired[0], {})
    assert (type(one), one) == (np.float32, expected[0])
    env.close()


def test_a_vector_env_of_stable_baselines_kind_finds_it(server):
    """DummyVecEnv's env_method, on environments of gymnasium.make."""
    envs = [gymnasium.make("gymwire/Remote-v0", address=server.address, env_id="Env-v0") for _ in range(2)]
    results = [env.get_wrapper_attr("show")(np.float32([1, 2]), info={"a": 1}) for env in envs]
    for arguments, keywords in results:
        assert isinstance(arguments, tuple)
        assert arguments[0].tolist() == [1, 2]
        assert keywords == {"info": {"a": 1}}
    assert [env.has_wrapper_attr("compute_reward") for env in envs] == [True, True]
    assert not envs[0].has_wrapper_attr("secret")
    for env in envs:
        env.close()


def test_arguments_and_results_keep_their_types(server, remote):
    env = remote(server)
    given = (1, 1.5, "é", b"\0", None, True, [1, (2, [])], {"a": {"b": np.int16([1])}}, np.float32(0.5), np.array(3))
    arguments, keywords = env.show(*given, z=1, a=[np.bool_(True)])
    assert [type(one) for one in arguments] == [type(one) for one in given]
    assert repr(arguments) == repr(given)
    assert repr(keywords) == repr({"z": 1, "a": [np.bool_(True)]})


def test_what_says_that_it_is_an_array_travels_as_one(server, remote):
    class Foreign:
        """A tensor of PyTorch or JAX on the CPU, as far as NumPy is concerned."""

        def __array__(self, dtype=None, copy=None):
            return np.array([1.0, 2.0], dtype)

    (array,), _ = remote(server).show(Foreign())
    assert array.tolist() == [1, 2]


def test_attributes_are_read_anew_each_time(server, remote):
    env = remote(server)
    assert (env.threshold, env.moved) == (0.1, 0)
    env.reset(seed=1)
    assert env.goal.shape == (2,)
    assert [env.move(), env.moved, env.moved, env.move()] == [1, 1, 1, 2]


def test_methods_run_in_the_simulators_process(server, remote):
    env = remote(server)
    assert env.where() == env.where() != os.getpid()


def test_what_is_not_listed_is_refused_by_name_before_it_is_asked(server, remote):
    env = remote(server)
    for name in ("secret", "np_random_seed_", "_observe", "__deepcopy__", "at"):
        with pytest.raises(AttributeError, match=name):
            getattr(env, name)
    with pytest.raises(AttributeError, match=r"lists: compute_reward, show, .*, threshold, goal, moved, helper$"):
        env.secret  # noqa: B018
    # Not a half-made object either.
    with pytest.raises(AttributeError):
        copy.copy(gymwire.RemoteEnv.__new__(gymwire.RemoteEnv)).secret  # noqa: B018


@pytest.mark.parametrize("name", ["secret", "_observe", "__init__", "reset", "step", "threshold", "at", ""])
def test_what_is_not_listed_is_not_called_whoever_asks(server, remote, name):
    env = remote(server)
    with raises("UNSUPPORTED", f"no method '{name}' is listed here; listed: compute_reward, "):
        env._session.call(gymwire_pb2().CallMethodRequest(name=name))


@pytest.mark.parametrize("name", ["secret", "_np_random", "__dict__", "unwrapped", "compute_reward", "goal.real"])
def test_what_is_not_listed_is_not_read_whoever_asks(server, remote, name):
    env = remote(server)
    with raises("UNSUPPORTED", "no attribute .* is listed here; listed: threshold, goal, moved, helper$"):
        env._session.read(gymwire_pb2().ReadAttributeRequest(name=name))


def gymwire_pb2():
    from gymwire.v1 import env_service_pb2

    return env_service_pb2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"methods": ("_observe",)}, "methods: '_observe' is no name"),
        ({"attributes": ("model.body_mass",)}, "attributes: 'model.body_mass' is no name"),
        ({"methods": ("step",)}, "'step' cannot be listed"),
        ({"methods": ("move",), "attributes": ("move",)}, "attributes: 'move' is listed twice"),
        ({"methods": "move"}, "methods: 'move' is one name: write a tuple"),
    ],
)
def test_an_operator_cannot_list_everything(options, message):
    with raises("INVALID_ARGUMENT", message):
        EnvRegistry().add("Env-v0", EnvRegistration(Reach, **options))


def test_a_method_that_fails_says_why_and_the_episode_goes_on(server, remote):
    env = remote(server)
    env.reset(seed=1)
    env.step(np.float32([0, 0]))
    with raises("ENV_FAILED", "call fail: .*the gripper is jammed"):
        env.fail()
    with raises("ENV_FAILED", "call opaque: what it gave cannot travel: .*object"):
        env.opaque()
    with raises("ENV_FAILED", "read helper: what it gave cannot travel"):
        env.helper  # noqa: B018
    with raises("UNSUPPORTED", "missing is listed, and the environment has none"):
        env.missing()
    with raises("ENV_FAILED", "call compute_reward: the simulator failed: TypeError"):
        env.compute_reward()
    with raises("MALFORMED", r"show: argument 1: an object cannot travel"):
        env.show(1, object())
    env.step(np.float32([0, 0]))
    # It has been called all the same.
    assert env.moved == 1


def test_what_is_too_large_for_a_message_is_told_and_the_session_goes_on(server, remote):
    env = remote(server)
    env.reset(seed=1)
    with raises("CAPACITY", "call: what it gave has 2\\d{6} bytes, .* at most 1048576"):
        env.large(2 * 2**20)
    assert len(env.large(2**19)) == 2**19
    env.step(np.float32([0, 0]))


def test_a_method_that_never_answers_is_ended_within_the_time_of_a_step(serve, remote):
    server = serve({"Env-v0": registration(step_timeout_ms=300)})
    env = remote(server)
    with raises("ENV_FAILED", "call: the simulator did not answer within 300 ms"):
        env.hang()


def test_of_a_vector_env_all_are_asked_in_order(server, remote_vector):
    envs = remote_vector(server, 3)
    envs.reset(seed=1)
    assert envs.call("move") == (1, 1, 1)
    assert envs.call("consume", np.array([7.0])) == (7, 7, 7)
    assert envs.get_attr("moved") == envs.call("moved") == (1, 1, 1)
    assert len({goal.tobytes() for goal in envs.get_attr("goal")}) == 3
    with raises("ENV_FAILED", "the gripper is jammed"):
        envs.call("fail")
    # Whatever one of them fails with.
    assert envs.get_attr("moved") == (2, 2, 2)
    for ask in (lambda: envs.call("secret"), lambda: envs.get_attr("secret"), lambda: envs.get_attr("move")):
        with raises("UNSUPPORTED", "lists"):
            ask()
    with raises("UNSUPPORTED", "cannot be set"):
        envs.set_attr("threshold", 1)


def test_some_environments_may_be_named(server, remote_vector):
    envs = remote_vector(server, 3)
    request = gymwire_pb2().CallMethodRequest
    results = envs._session.call(request(name="move", env_indices=[0, 2]))
    assert len(results) == 2
    assert envs.get_attr("moved") == (1, 0, 1)
    for indices in ([3], [1, 1], [1, 0]):
        with raises("INVALID_ARGUMENT", "expected indices of 3 environments, ascending"):
            envs._session.call(request(name="move", env_indices=indices))
    assert envs.get_attr("moved") == (1, 0, 1)


def test_a_call_happens_once_over_connections_that_break(server):
    proxy = Proxy(server.address)
    env = gymwire.RemoteEnv(proxy.address, "Env-v0")
    env.reset(seed=1)
    for i in range(1, 11):
        cut = threading.Timer(0.01 * (i % 5), proxy.cut)
        cut.start()
        assert env.move_slowly() == i
        cut.join()
        if i % 3 == 0:
            env.reset()
    assert env.moved == 10
    env.close()
    proxy.close()


def test_a_call_counts_with_resets_and_steps_and_its_answer_is_kept(server):
    pb = gymwire_pb2()
    connection = gymwire.Connection(gymwire.ConnectionOptions(server.address))
    made = connection.make_session(pb.MakeSessionRequest(env_id="Env-v0"))
    requests = [
        pb.InteractRequest(attach=pb.AttachRequest(session_id=made.session_id)),
        pb.InteractRequest(reset=pb.ResetRequest(sequence=1)),
        pb.InteractRequest(call=pb.CallMethodRequest(sequence=2, name="move")),
        pb.InteractRequest(call=pb.CallMethodRequest(sequence=2, name="move")),
        pb.InteractRequest(call=pb.CallMethodRequest(sequence=3, name="fail")),
        pb.InteractRequest(call=pb.CallMethodRequest(sequence=3, name="fail")),
        pb.InteractRequest(call=pb.CallMethodRequest(sequence=4, name="secret")),
        pb.InteractRequest(call=pb.CallMethodRequest(sequence=6, name="move")),
        pb.InteractRequest(call=pb.CallMethodRequest(sequence=4, name="move")),
        pb.InteractRequest(read=pb.ReadAttributeRequest(name="moved")),
        pb.InteractRequest(close=pb.CloseSessionRequest()),
    ]
    call = connection.interact()
    answers = []
    for request in requests:
        call.send(request.SerializeToString())
        answers.append(pb.InteractResponse.FromString(call.receive()))
    call.cancel()
    first, again, failed, failed_again, unlisted, early, last, moved = answers[2:10]
    assert (first.call.sequence, first.call.results[0].int) == (2, 1)
    assert again == first
    assert failed.call.sequence == 3
    assert failed_again == failed
    assert "jammed" in failed.call.fault.message
    assert [answer.error.message.split(":")[0] for answer in (unlisted, early)] == ["call", "call"]
    assert (last.call.sequence, last.call.results[0].int) == (4, 3)
    assert moved.read.values[0].int == 3
    connection.close()


def test_a_registration_of_a_gymnasium_id_lists_them_too(serve, remote):
    server = serve({"Env-v0": gymwire.gymnasium_env("Pendulum-v1", attributes=("g", "max_torque"))})
    env = remote(server, env_kwargs={"g": 3.5})
    assert (list(env.remote_spec.attributes), env.g, env.max_torque) == (["g", "max_torque"], 3.5, 2.0)


def test_the_autoreset_mode_is_where_torchrl_and_gymnasium_look(server, remote_vector):
    for mode in AutoresetMode:
        envs = remote_vector(server, 2, autoreset_mode=mode)
        assert envs.autoreset_mode is mode
        assert envs.metadata["autoreset_mode"] is mode
        envs.close()
