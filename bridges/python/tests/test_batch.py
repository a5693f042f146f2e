"""
Simulators that are a batch, each one session: what they return is what a client gets, and what they cannot do is said.
"""

from __future__ import annotations

import functools
import logging

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from sample_batches import DrawingCounters, TorchLike
from sample_envs import Point

import gymwire
from gymwire import GymwireError, VectorEnvRegistration
from gymwire.client.connection import Connection, ConnectionOptions
from gymwire.server.batch_registration import gymnasium_vector_registration
from gymwire.v1 import env_service_pb2 as pb

GO_ON, TERMINATE, TRUNCATE = 0.0, 1.0, -1.0


def spec_of(server, env_id="Env-v0"):
    connection = Connection(ConnectionOptions(server.address))
    try:
        return next(spec for spec in connection.list_envs() if spec.id == env_id)
    finally:
        connection.close()


def actions(*numbers):
    return np.array(numbers, np.float32)[:, None]


def assert_same(ours, theirs, where=""):
    """Every bit, with dtypes; of infos without the masks, which not every simulator has."""
    if isinstance(theirs, dict):
        for key in theirs:
            if not str(key).startswith("_"):
                assert_same(ours[key], theirs[key], f"{where}[{key!r}]")
    elif isinstance(theirs, (tuple, list)):
        assert len(ours) == len(theirs), where
        for index, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            assert_same(one, other, f"{where}[{index}]")
    elif isinstance(theirs, np.ndarray) and theirs.dtype.kind == "O":
        assert_same(list(ours), list(theirs), where)
    else:
        one, other = np.asarray(ours), np.asarray(theirs)
        assert (one.dtype, one.shape) == (other.dtype, other.shape), where
        assert one.tobytes() == other.tobytes(), where


@pytest.mark.forks
@pytest.mark.parametrize("kwargs", [{}, {"vectorization_mode": "async"}], ids=["sync", "async"])
@pytest.mark.parametrize("mode", AutoresetMode, ids=lambda mode: mode.value)
@pytest.mark.parametrize("env_id", ["Pendulum-v1", "CartPole-v1"])
def test_what_make_vec_makes_is_what_it_is_here(serve, remote_vector, env_id, mode, kwargs):
    kwargs = {"vectorization_mode": "sync", **kwargs}
    server = serve(dict([gymnasium_vector_registration(env_id, kwargs)]))
    remote = remote_vector(server, 3, env_id, autoreset_mode=mode, max_episode_steps=12)
    local = gymnasium.make_vec(env_id, 3, max_episode_steps=12, vector_kwargs={"autoreset_mode": mode}, **kwargs)
    assert (remote.metadata["autoreset_mode"], remote.remote_spec.max_episode_steps) == (mode, 12)
    for seed in (4, [7, 1, 9]):
        assert_same(remote.reset(seed=seed), local.reset(seed=seed))
        local.action_space.seed(1)
        for _ in range(60):
            action = local.action_space.sample()
            here = local.step(action)
            there = remote.step(action)
            # Gymnasium has no rewards in float32.
            assert_same(there, here)
            ended = here[2] | here[3]
            if mode is AutoresetMode.DISABLED and ended.any():
                options = {"reset_mask": ended}
                assert_same(remote.reset(options=dict(options)), local.reset(options=dict(options)))
    local.close()


def test_an_env_that_its_author_wrote_as_a_batch_is_taken_as_it_is(serve, remote_vector):
    server = serve(dict([gymnasium_vector_registration("CartPole-v1")]))
    remote = remote_vector(server, 2, "CartPole-v1")
    local = gymnasium.make_vec("CartPole-v1", 2)
    assert remote.metadata["autoreset_mode"] == local.metadata["autoreset_mode"]
    assert remote.remote_spec.batch.seeding == pb.BATCH_SEEDING_RESET
    assert_same(remote.reset(seed=3)[0], local.reset(seed=3)[0])
    for action in ([0, 1], [1, 1], [1, 1]):
        here, there = local.step(np.array(action)), remote.step(np.array(action))
        assert_same(there[0], here[0])
        assert there[1].tolist() == here[1].tolist()


@pytest.mark.parametrize("wrap", [None, TorchLike], ids=["NumPy", "a device's tensors"])
@pytest.mark.parametrize("mode", ["same-step", "next-step", "disabled"])
def test_a_batch_simulator_of_ones_own(serve, remote_vector, mode, wrap):
    server = serve(VectorEnvRegistration(functools.partial(DrawingCounters, mode=mode, wrap=wrap)))
    remote = remote_vector(server, 3)
    twin = DrawingCounters(3, mode)
    assert remote.metadata["autoreset_mode"].value.replace("Step", "-step").lower() == mode
    assert_same(remote.reset(seed=5)[0], twin.reset(seed=5)[0])
    told = [(GO_ON, TERMINATE, GO_ON), (GO_ON, GO_ON, TRUNCATE), (GO_ON, GO_ON, GO_ON), (TRUNCATE, TERMINATE, GO_ON)]
    for row in told:
        here, there = twin.step(actions(*row)), remote.step(actions(*row))
        assert_same(there[0], here[0])
        assert_same(there[1], here[1].astype(np.float64))
        assert_same(there[2:4], here[2:4])
        assert_same(there[4]["count"], here[4]["count"])
        ended = here[2] | here[3]
        if mode == "same-step" and ended.any():
            for index in np.flatnonzero(ended):
                assert_same(there[4]["final_obs"][index], here[4]["final_obs"][index])
                assert there[4]["final_info"]["why"][index] == here[4]["final_info"]["why"][index]
        if mode == "disabled" and ended.any():
            assert_same(*(env.reset(options={"reset_mask": ended.copy()})[0] for env in (remote, twin)))


def test_one_copy_to_the_host_for_each_array_of_a_step():
    from gymwire.codec.values import encode_value
    from gymwire.session.batch_group import BatchGroup
    from gymwire.session.batch_recipe import BatchRecipe
    from gymwire.session.client_text import ClientText
    from gymwire.session.listed_members import ListedMembers
    from gymwire.session.notes import Notes
    from gymwire.session.read_reply import ReplyRules

    recipe = BatchRecipe(functools.partial(DrawingCounters, wrap=TorchLike), ListedMembers())
    group = BatchGroup(recipe, pb.MakeSessionRequest(num_envs=4), ReplyRules(), Notes(ClientText()))
    group.reset(pb.ResetRequest(seed=1), 1)
    TorchLike.copies = 0
    group.step(pb.StepRequest(action=encode_value(actions(0, 0, 0, 0))), 2)
    # Observations, rewards, two kinds of flags, and one info.
    assert TorchLike.copies == 5


@pytest.mark.parametrize("names", [("final_observation", "final_info"), ("final_obs", "final_info")], ids=str)
def test_last_observations_under_either_of_gymnasiums_names(serve, remote_vector, names):
    class Named(DrawingCounters):
        names_finals = names

    remote = remote_vector(serve(VectorEnvRegistration(Named)), 2)
    remote.reset(seed=1)
    infos = remote.step(actions(GO_ON, TERMINATE))[4]
    assert infos["_final_obs"].tolist() == [False, True]
    assert infos["final_obs"][1][0] == 1


class Forgetful(DrawingCounters):
    """Same-step, as many simulators on GPUs are: what an episode ended with is gone."""

    names_finals = None


def test_a_simulator_that_does_not_tell_last_observations_says_so_in_its_spec(serve, remote_vector):
    registration = VectorEnvRegistration(Forgetful, autoreset_modes=("same-step",), final_observations=False)
    server = serve(registration)
    assert not spec_of(server).batch.final_observations
    remote = remote_vector(server, 2)
    assert remote.metadata["final_observations"] is False
    remote.reset(seed=1)
    observation, _, terminated, _, infos = remote.step(actions(TERMINATE, GO_ON))
    assert (terminated.tolist(), observation[:, 0].tolist()) == ([True, False], [0, 1])
    assert "final_obs" not in infos


def test_a_simulator_that_forgets_last_observations_without_a_word_fails_with_the_remedy(serve, remote_vector):
    remote = remote_vector(serve(VectorEnvRegistration(Forgetful)), 2)
    remote.reset(seed=1)
    with pytest.raises(GymwireError, match=r"environments \[1\] ended, and infos have no final_obs.*--no-fin") as told:
        remote.step(actions(GO_ON, TRUNCATE))
    assert told.value.code == "ENV_FAILED"
    with pytest.raises(GymwireError, match="reset all of its environments first"):
        remote.step(actions(GO_ON, GO_ON))
    remote.reset()
    remote.step(actions(GO_ON, GO_ON))


def test_another_mode_than_the_simulators_is_refused_with_the_one_there_is(serve, remote_vector):
    server = serve(VectorEnvRegistration(DrawingCounters))
    with pytest.raises(GymwireError, match="has same-step, got next-step") as told:
        remote_vector(server, 2, autoreset_mode="NextStep")
    assert told.value.code == "INVALID_ARGUMENT"
    # Before one was made nobody knew it; now the spec says it.
    remote_vector(server, 2)
    assert list(spec_of(server).batch.autoreset_modes) == [pb.AUTORESET_MODE_SAME_STEP]
    with pytest.raises(GymwireError, match="Env-v0 has same-step, got disabled"):
        remote_vector(server, 2, autoreset_mode="Disabled")


def test_the_operator_says_the_mode_of_a_simulator_that_says_none(serve, remote_vector):
    class Silent(DrawingCounters):
        def __init__(self, num_envs):
            super().__init__(num_envs, "next-step")
            self.metadata = {}

    with pytest.raises(GymwireError, match=r"Silent does not say .* \(--autoreset-mode\)"):
        remote_vector(serve(VectorEnvRegistration(Silent)), 2)
    remote = remote_vector(serve(VectorEnvRegistration(Silent, autoreset_modes=("next-step",))), 2)
    assert remote.autoreset_mode is AutoresetMode.NEXT_STEP


def test_a_mode_that_is_not_the_simulators_is_found_out(serve, remote_vector):
    class Hasty(DrawingCounters):
        def step(self, told):
            reply = super().step(told)
            self.truncated[:] = True
            return reply

    remote = remote_vector(serve(VectorEnvRegistration(functools.partial(Hasty, mode="next-step"))), 2)
    remote.reset()
    remote.step(actions(GO_ON, GO_ON))
    with pytest.raises(GymwireError, match=r"environment 0: it ended again in the step after its end.*--autores"):
        remote.step(actions(GO_ON, GO_ON))


def test_how_many_environments_there_may_be(serve, remote, remote_vector):
    server = serve({"Six-v0": VectorEnvRegistration(lambda: DrawingCounters(6)), "Few-v0": _few()})
    with pytest.raises(GymwireError, match="made of 6, and has no other number; got 2"):
        remote_vector(server, 2, "Six-v0")
    remote_vector(server, 6, "Six-v0")
    assert (spec_of(server, "Six-v0").batch.min_num_envs, spec_of(server, "Six-v0").batch.max_num_envs) == (6, 6)
    with pytest.raises(GymwireError, match="Six-v0 has 6, got 7"):
        remote_vector(server, 7, "Six-v0")
    with pytest.raises(GymwireError, match="Few-v0 has 1 to 4, got 5"):
        remote_vector(server, 5, "Few-v0")
    with pytest.raises(GymwireError, match="vector sessions only: ask for a number of environments, which may be 1"):
        remote(server, "Few-v0")
    assert remote_vector(server, 1, "Few-v0").reset()[0].shape == (1, 2)


def _few():
    return VectorEnvRegistration(DrawingCounters, max_num_envs=4)


def test_seeds_that_only_a_factory_takes_make_the_simulator_anew(serve, remote_vector):
    class Sown(DrawingCounters):
        """As EnvPool: its reset takes a seed and does nothing with it."""

        def reset(self, *, seed=None, options=None):
            assert seed is None
            return super().reset(options=options)

    server = serve(VectorEnvRegistration(functools.partial(Sown, mode="next-step"), seeds="make"))
    remote = remote_vector(server, 2)
    first, again = remote.reset(seed=5)[0], remote.reset()[0]
    assert (remote.reset(seed=5)[0] == first).all()
    assert (remote.reset()[0] == again).all()
    assert (first != again).any()
    assert (remote.reset(seed=[5, 6])[0] == first).all()
    with pytest.raises(GymwireError, match="give one for each environment") as told:
        remote.reset(seed=[5, None])
    assert told.value.code == "UNSUPPORTED"


def test_a_simulator_without_seeds_refuses_them(serve, remote_vector):
    remote = remote_vector(serve(VectorEnvRegistration(DrawingCounters, seeds="none")), 2)
    with pytest.raises(GymwireError, match="takes no seeds") as told:
        remote.reset(seed=1)
    assert told.value.code == "UNSUPPORTED"
    remote.reset()


def test_a_mask_where_there_are_none_is_refused_and_nothing_moves(serve, remote_vector):
    remote = remote_vector(serve(VectorEnvRegistration(DrawingCounters)), 2)
    remote.reset(seed=1)
    remote.step(actions(GO_ON, GO_ON))
    with pytest.raises(GymwireError, match="takes no mask") as told:
        remote.reset(options={"reset_mask": np.array([True, False])})
    assert told.value.code == "UNSUPPORTED"
    assert remote.step(actions(GO_ON, GO_ON))[0][:, 0].tolist() == [2, 2]
    # One that names all is none.
    assert remote.reset(options={"reset_mask": np.array([True, True])})[0][:, 0].tolist() == [0, 0]


def test_the_time_limit_is_the_simulators_unless_it_is_made_with_another(serve, remote_vector):
    server = serve({"Any-v0": VectorEnvRegistration(DrawingCounters), "Own-v0": _limited()})
    remote = remote_vector(server, 1, "Any-v0", max_episode_steps=2)
    remote.reset()
    assert [remote.step(actions(GO_ON))[3].tolist() for _ in range(2)] == [[False], [True]]
    assert remote.remote_spec.max_episode_steps == 2
    with pytest.raises(GymwireError, match="ends episodes after 50 steps, and is not made with another limit; got 9"):
        remote_vector(server, 1, "Own-v0", max_episode_steps=9)
    assert remote_vector(server, 1, "Own-v0", max_episode_steps=50).remote_spec.max_episode_steps == 50


def _limited():
    return VectorEnvRegistration(lambda num_envs: DrawingCounters(num_envs), max_episode_steps=50)


def spoilt(what):
    class Spoilt(DrawingCounters):
        def step(self, told):
            observation, rewards, terminated, truncated, infos = super().step(told)
            return what(observation.copy(), rewards.copy(), terminated.copy(), truncated.copy(), infos)

    return Spoilt


def with_nan(o, r, t, c, i):
    o[2, 1] = np.nan
    return o, r, t, c, i


def with_bad_reward(o, r, t, c, i):
    r[1] = np.inf
    return o, r, t, c, i


WRONG = [
    (with_nan, "NON_FINITE_OBSERVATION", r"observation of environment 2\[1\] is NaN"),
    (with_bad_reward, "NON_FINITE_OBSERVATION", "step of environment 1: the simulator returned the reward inf"),
    (lambda o, r, t, c, i: (o[:2], r, t, c, i), "ENV_FAILED", r"expected float32 \[3, 2\], got float32 \[2, 2\]"),
    (lambda o, r, t, c, i: (o + 0.1, r, t, c, i)[:4], "ENV_FAILED", "must return .observations, rewards"),
    (
        lambda o, r, t, c, i: (o.astype(np.float64) + 0.1, r, t, c, i),
        "ENV_FAILED",
        r"float64 \[3, 2\].*wrappers\.vector\.DtypeObservation.*--cast-observations",
    ),
    (lambda o, r, t, c, i: (o, r[:, None], t, c, i), "ENV_FAILED", r"rewards as numbers \[3\], got float32 \[3, 1\]"),
    (lambda o, r, t, c, i: (o, r, t.astype(int), c, i), "ENV_FAILED", r"terminations as bools \[3\], got int64 \[3\]"),
    (lambda o, r, t, c, i: (o, r, t, c, None), "ENV_FAILED", "infos as one dictionary, got nothing"),
]


@pytest.mark.parametrize(("what", "code", "message"), WRONG, ids=[message[:30] for _, _, message in WRONG])
def test_what_a_simulator_returns_is_checked_as_a_whole_and_told_by_environment(
    serve, remote_vector, what, code, message
):
    remote = remote_vector(serve(VectorEnvRegistration(spoilt(what))), 3)
    remote.reset(seed=1)
    with pytest.raises(GymwireError, match=message) as told:
        remote.step(actions(GO_ON, GO_ON, GO_ON))
    assert told.value.code == code


def test_other_dtypes_that_lose_nothing_are_taken(serve, remote_vector):
    half = spoilt(lambda o, r, t, c, i: (o.astype(np.float16), r.astype(np.int32), t, c, i))
    remote = remote_vector(serve(VectorEnvRegistration(half)), 2)
    remote.reset(seed=1)
    observation, rewards, *_ = remote.step(actions(GO_ON, GO_ON))
    assert (observation.dtype, rewards.tolist()) == (np.float32, [1, 1])


def test_actions_are_checked_before_anything_moves(serve, remote_vector):
    server = serve(VectorEnvRegistration(functools.partial(DrawingCounters, mode="next-step")))
    remote = remote_vector(server, 2, out_of_bounds="reject")
    remote.reset(seed=1)
    for bad, code, message in [
        (actions(0, np.nan), "NON_FINITE_ACTION", r"action of environment 1\[0\] is NaN"),
        (actions(2, 0), "ACTION_OUT_OF_BOUNDS", r"action of environment 0\[0\] is 2, outside its high bound 1"),
        (actions(0, 0, 0), "BAD_ACTION", r"expected float32 \[2, 1\], got float32 \[3, 1\]"),
    ]:
        with pytest.raises(GymwireError, match=message) as told:
            remote.step(bad)
        assert told.value.code == code
    assert remote.step(actions(TERMINATE, GO_ON))[0][:, 0].tolist() == [1, 1]
    # Environment 0 only resets now, and its action is nobody's concern.
    assert remote.step(actions(np.nan, GO_ON))[0][:, 0].tolist() == [0, 2]


def test_dictionaries_tuples_and_integers_as_spaces(serve, remote_vector):
    class Mixed:
        num_envs = 2
        autoreset_mode = AutoresetMode.SAME_STEP
        single_observation_space = spaces.Dict(
            where=spaces.Tuple([spaces.Box(-1, 1, (), np.float64), spaces.Discrete(3, start=-1)]),
            which=spaces.MultiDiscrete([2, 9]),
            lamps=spaces.MultiBinary(2),
        )
        single_action_space = spaces.Dict(go=spaces.Discrete(2), to=spaces.Box(-1, 1, (1,), np.float32))

        def _observation(self, x):
            return {
                "where": (np.array([x, -x]), np.array([-1, 1], np.int32)),
                "which": np.array([[0, 8], [1, 2]]),
                "lamps": np.array([[True, False], [False, False]]),
            }

        def reset(self, *, seed=None, options=None):
            return self._observation(0.25), {}

        def step(self, action):
            ended = action["go"].astype(bool)
            infos = {"final_obs": self._observation(0.75)} if ended.any() else {}
            return self._observation(0.5), action["to"][:, 0], ended, np.zeros(2, bool), infos

    remote = remote_vector(serve(VectorEnvRegistration(lambda: Mixed(), num_envs=2)), 2)
    observation, _ = remote.reset()
    assert_same(observation["where"], (np.array([0.25, -0.25]), np.array([-1, 1])))
    assert_same(observation["which"], np.array([[0, 8], [1, 2]]))
    assert_same(observation["lamps"], np.array([[1, 0], [0, 0]], np.int8))
    last = remote.step({"go": np.array([0, 1]), "to": actions(0.5, -0.5)})
    assert (last[1].tolist(), last[2].tolist()) == ([0.5, -0.5], [False, True])
    final = last[4]["final_obs"]
    assert (final["where"][1] if isinstance(final, dict) else final[1]["where"])[0] == -0.75


def test_methods_and_attributes(serve, remote_vector):
    listed = {"methods": ("describe",), "attributes": ("gravity", "num_envs")}
    remote = remote_vector(serve(VectorEnvRegistration(DrawingCounters, **listed)), 2)
    assert remote.call("describe", "env") == ("env 0", "env 1")
    assert remote.get_attr("gravity") == (9.81, 9.81)
    vec = gymnasium_vector_registration("Pendulum-v1")[1]
    server = serve(
        {
            "P-v0": gymwire.VectorEnvRegistration(
                vec.make, arguments=(), autoreset_modes=vec.autoreset_modes, attributes=("g",)
            )
        }
    )
    assert remote_vector(server, 2, "P-v0").get_attr("g") == (10.0, 10.0)


def test_pictures_are_drawn_once_for_all(serve, remote_vector):
    class Drawing(DrawingCounters):
        drawn = 0

        def __init__(self, num_envs, render_mode=None):
            super().__init__(num_envs)
            self.render_mode = render_mode

        def render(self):
            self.drawn += 1
            return np.full((self.num_envs, 2, 3, 3), self.drawn, np.uint8)

    registration = VectorEnvRegistration(Drawing, render_modes=("rgb_array",))
    remote = remote_vector(serve(registration), 2, render_mode="rgb_array")
    remote.reset()
    assert [frame.max() for frame in remote.render()] == [1, 1]
    remote.step(actions(GO_ON, GO_ON))
    assert [frame.max() for frame in remote.render()] == [2, 2]


def test_a_batch_simulator_handed_to_the_ordinary_registration_is_refused_with_this_way_named(serve, remote):
    for wrong in (SyncVectorEnv, DrawingCounters(2), SyncVectorEnv([lambda: gymnasium.make("CartPole-v1")])):
        with pytest.raises(GymwireError, match=r"steps many environments at once: .*VectorEnvRegistration\(make\).*"):
            serve({"Env-v0": wrong})
    with pytest.raises(GymwireError, match=r"made a DrawingCounters, which steps many environments.*--vector"):
        remote(serve(lambda: DrawingCounters(2)))
    with pytest.raises(GymwireError, match="got an instance of DrawingCounters: give the class DrawingCounters"):
        serve(VectorEnvRegistration(DrawingCounters(2)))
    with pytest.raises(GymwireError, match="Point has no num_envs, single_observation_space, single_action_space"):
        gymwire.RemoteVectorEnv(2, serve(VectorEnvRegistration(lambda num_envs: Point())).address, "Env-v0")


def test_what_leaves_its_bounds_is_told_once(serve, remote_vector, caplog):
    far = spoilt(lambda o, r, t, c, i: (o + np.float32(2e6), r, t, c, i))
    remote = remote_vector(serve(VectorEnvRegistration(far)), 2)
    remote.reset(seed=1)
    with caplog.at_level(logging.WARNING, "gymwire"):
        for _ in range(3):
            remote.step(actions(GO_ON, GO_ON))
        remote.reset()
    told = [record.getMessage() for record in caplog.records if "outside" in record.getMessage()]
    assert len(told) == 1
    assert "observation of environment 0[0] is 2000001, outside its high bound" in told[0]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"autoreset_modes": ("sometimes",)}, "autoreset_modes: expected a tuple out of disabled, next-step, same-st"),
        ({"autoreset_modes": "same-step"}, "autoreset_modes: expected a tuple"),
        ({"seeds": "maybe"}, "seeds: expected one of reset, make, none"),
        ({"num_envs": 0}, "num_envs: expected a positive integer, got 0"),
    ],
)
def test_a_registration_that_says_what_cannot_be_is_refused(fields, message):
    with pytest.raises(GymwireError, match=message):
        VectorEnvRegistration(DrawingCounters, **fields)


def test_several_modes_need_a_factory_that_is_told_which():
    with pytest.raises(GymwireError, match="are several, and the factory takes no autoreset_mode"):
        VectorEnvRegistration(lambda num_envs: None, autoreset_modes=("same-step", "next-step"))
