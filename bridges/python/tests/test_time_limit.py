"""`max_episode_steps`, in every way that Gymnasium knows to say it, is the server's limit."""

from __future__ import annotations

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import SyncVectorEnv
from gymnasium.wrappers import TimeAwareObservation
from sample_envs import Point

import gymwire
from gymwire import GymwireError

REMOTE = "gymwire/Remote-v0"


@pytest.fixture
def server(serve):
    return serve({"Point-v0": gymwire.EnvRegistration(lambda: Point(limit=100), max_episode_steps=5)})


@pytest.fixture
def make(server):
    made = []

    def make_one(way=gymnasium.make, env=REMOTE, **options):
        if isinstance(env, str):
            options = {"address": server.address, "env_id": "Point-v0", **options}
        made.append(way(env, **options))
        return made[-1]

    yield make_one
    for env in made:
        env.close()


def length_of_episode(env):
    env.reset(seed=1)
    for step in range(1, 30):
        _, _, terminated, truncated, _ = env.step(np.zeros(env.action_space.shape, np.float32))
        if np.any(terminated) or np.any(truncated):
            return step
    return None


@pytest.mark.parametrize(("given", "expected"), [({}, 5), (8, 8), (3, 3), (-1, None)])
def test_what_make_is_told_reaches_the_server(make, given, expected):
    env = make(**({} if given == {} else {"max_episode_steps": given}))
    assert length_of_episode(env) == expected
    assert env.spec.max_episode_steps == expected
    assert env.unwrapped.spec.max_episode_steps == expected
    limit = env.unwrapped.remote_spec
    assert (limit.max_episode_steps if limit.HasField("max_episode_steps") else None) == expected


@pytest.mark.parametrize("given", [{}, {"max_episode_steps": 8}, {"max_episode_steps": -1}])
def test_a_spec_makes_the_same_environment_again(make, given):
    first = make(**given)
    for again in (make(env=first.spec), make(way=lambda spec: spec.make(), env=first.unwrapped.spec)):
        assert length_of_episode(again) == length_of_episode(first)
        assert again.spec.max_episode_steps == first.spec.max_episode_steps


@pytest.mark.parametrize("mode", ["vector_entry_point", "sync"])
@pytest.mark.parametrize(("given", "expected"), [({}, 5), (8, 8), (-1, None)])
def test_make_vec_too(make, mode, given, expected):
    limit = {} if given == {} else {"max_episode_steps": given}
    env = make(way=gymnasium.make_vec, num_envs=2, vectorization_mode=mode, **limit)
    assert length_of_episode(env) == expected
    if mode == "vector_entry_point":
        assert env.spec.max_episode_steps == expected
    else:
        assert isinstance(env, SyncVectorEnv)


def test_no_limit_without_make_is_0_or_minus_1(server):
    for given in (0, -1):
        env = gymwire.RemoteEnv(server.address, "Point-v0", max_episode_steps=given)
        assert length_of_episode(env) is None
        assert env.spec is None
        env.close()


def test_0_is_refused_before_a_session_is_made_with_what_to_write_instead(make, server):
    with pytest.raises(GymwireError, match=r"INVALID_ARGUMENT.*-1 for no limit"):
        make(max_episode_steps=0)
    assert server.session_count == 0


def test_a_wrapper_that_asks_the_spec_for_the_limit_finds_it(make):
    env = TimeAwareObservation(make(), flatten=False, normalize_time=False)
    assert env.reset(seed=1)[0]["time"].tolist() == [0]
    assert env.max_timesteps == 5


def test_a_function_that_makes_a_remote_environment_is_asked_for_nothing(server):
    """Only the `make` of this very environment speaks for it."""
    gymnasium.register("Own-v0", entry_point=lambda: gymwire.RemoteEnv(server.address, "Point-v0"))
    try:
        env = gymnasium.make("Own-v0", max_episode_steps=9)
        assert env.unwrapped.remote_spec.max_episode_steps == 5
        env.close()
    finally:
        del gymnasium.registry["Own-v0"]
