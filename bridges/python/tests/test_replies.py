"""What simulators return: copied at once, cast where nothing is lost, left out, refused by name or told once."""

from __future__ import annotations

import datetime
import decimal
import enum
import logging
import re
import sys

import numpy as np
import pytest
from gymnasium import spaces
from sample_envs import Point

import gymwire
from gymwire import GymwireError
from gymwire.session.members import to_member
from gymwire.session.space_member import find_mismatch

ACTION = np.array([0.5], np.float32)


@pytest.fixture
def warnings(caplog):
    caplog.set_level(logging.WARNING, logger="gymwire")
    return lambda: [record.getMessage() for record in caplog.records if record.name == "gymwire"]


def refused(call, *arguments, **options):
    with pytest.raises(GymwireError) as caught:
        call(*arguments, **options)
    return caught.value


class Cart(Point):
    """Keeps its state in one array, shows it in its info, and moves from 0 to 5, the end."""

    observation_space = spaces.Dict(at=spaces.Box(-99, 99, (1,), np.float64))
    shared = np.zeros(1)  # of all copies in a process

    def __init__(self):
        self.qpos = np.zeros(1)
        self.info = {"qpos": self.qpos, "deep": {"list": [self.qpos]}, "shared": Cart.shared}

    def reset(self, *, seed=None, options=None):
        self.seen = dict(options or {})
        if options:
            options.clear()
        self.qpos[:] = 0
        Cart.shared[:] = 0
        return {"at": self.qpos}, {**self.info, "seen": len(self.seen)}

    def step(self, action):
        self.qpos += 5
        Cart.shared += 1
        return {"at": self.qpos}, 0.0, True, False, self.info


def test_the_final_info_is_the_ended_step_s_all_the_way_down_and_not_the_reset_s(serve, remote_vector):
    envs = remote_vector(serve(Cart), 2, autoreset_mode="SameStep")
    _, reset_infos = envs.reset(seed=1, options={"x": 1})
    # What one copy does to its options is not seen by the next one.
    assert reset_infos["seen"].tolist() == [1, 1]
    observation, *_, infos = envs.step([[0.0], [0.0]])
    assert [final["at"].tolist() for final in infos["final_obs"]] == [[5.0], [5.0]]
    assert infos["final_info"]["qpos"].tolist() == [[5.0], [5.0]]
    assert [float(np.ravel(items)[0]) for items in infos["final_info"]["deep"]["list"]] == [5.0, 5.0]
    assert infos["qpos"].tolist() == [[0.0], [0.0]]
    assert observation["at"].tolist() == [[0.0], [0.0]]


def test_an_array_that_copies_share_is_read_before_the_next_one_writes_into_it(serve, remote_vector):
    envs = remote_vector(serve(Cart), 3, autoreset_mode="Disabled")
    envs.reset(seed=1)
    *_, infos = envs.step([[0.0]] * 3)
    assert infos["shared"].tolist() == [[1.0], [2.0], [3.0]]


class Tagged:
    """An array of another library, as JAX's and PyTorch's: without NumPy's class, with what makes one of it."""

    def __init__(self, value):
        self._value = value

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self._value, dtype)


class Item:
    """A number of another library."""

    def __init__(self, value):
        self._value = value

    def item(self):
        return self._value


class Frame(Tagged):
    """A table, whose array has lost its labels."""

    iloc = None


class Colour(enum.Enum):
    RED = 1


class Unreadable:
    def __getattribute__(self, name):
        raise RuntimeError("evil")

    def __repr__(self):
        raise RuntimeError("evil")


ODD = {
    "an Enum": (lambda: Colour.RED, "a Colour cannot travel: use its value or name"),
    "a set": (lambda: {1}, "a set cannot travel: use a list"),
    "whole numbers": (lambda: {3: 4}, None),
    "texts": (lambda: np.array(["a"]), "an array of dtype <U1 cannot travel; use tolist()"),
    "a datetime": (lambda: datetime.datetime(2026, 1, 1), "a datetime cannot travel: use isoformat()"),
    "128 bits": (lambda: 2**127, f"integer {2**127} does not fit into 64 bits: use a string"),
    "a book of digits": (lambda: 10**5000, "of 16610 bits does not fit"),
    "float16": (lambda: np.float16(1), "use astype(np.float32)"),
    "a mask": (lambda: np.ma.masked_array([1.0, 2.0], [True, False]), "its mask would be lost"),
    "a table": (lambda: Frame([1.0]), "a Frame cannot travel"),
    "a function": (lambda: len, "a builtin_function_or_method cannot travel"),
    "what cannot be read": (lambda: Unreadable(), "cannot"),
    "half a pair": (lambda: "\ud800", "no valid Unicode"),
}


class Odd(Point):
    """Puts into the info what a reset's option names."""

    def reset(self, *, seed=None, options=None):
        self._name = (options or {}).get("odd", "")
        return super().reset(seed=seed)

    def step(self, action):
        observation, *rest, _ = super().step(action)
        return observation, *rest, {"x": 1, "traj": {"y": 2, **({"x": ODD[self._name][0]()} if self._name else {})}}


def test_an_odd_entry_of_an_info_is_left_out_named_and_told_once(serve, remote, warnings):
    env = remote(serve({"Odd-v0": Odd}), "Odd-v0")
    for name, (_, why) in ODD.items():
        for _ in range(2):
            env.reset(options={"odd": name})
            info = env.step(ACTION)[-1]
            inner = {"x": {}} if why is None else {}
            assert {**info, "gymwire_left_out": None} == {
                "x": 1,
                "traj": {"y": 2, **inner},
                "gymwire_left_out": None,
            }, name
            path = 'info["traj"]["x"]' + ("[3]" if why is None else "")
            assert list(info["gymwire_left_out"]) == [path]
            assert (why or "keys must be strings") in info["gymwire_left_out"][path]
    env.reset()
    assert env.step(ACTION)[-1] == {"x": 1, "traj": {"y": 2}}
    told = [line for line in warnings() if "left out of infos" in line]
    assert told[0].startswith('Odd-v0: info["traj"]["x"] is left out of infos: a Colour cannot travel')
    # Each place once, whatever was there.
    assert [line.partition(" is left out")[0] for line in told] == [
        'Odd-v0: info["traj"]["x"]',
        'Odd-v0: info["traj"]["x"][3]',
    ]


def test_with_strict_info_an_odd_entry_is_refused_with_its_path(serve, remote):
    env = remote(serve({"Odd-v0": Odd}, strict_info=True), "Odd-v0")
    for name, (_, why) in ODD.items():
        env.reset(options={"odd": name})
        error = refused(env.step, ACTION)
        assert error.code == "ENV_FAILED"
        assert 'info that cannot travel: info["traj"]["x"]' in error.message
        assert (why or "[3]: a dictionary's keys must be strings") in error.message


def test_an_info_that_contains_itself_is_left_out_there(serve, remote):
    def make():
        info = {"x": 1}
        info.update(a=info, b=[info], c={"info": info})
        return Told(info=info)

    env = remote(serve({"Cyclic-v0": make}), "Cyclic-v0")
    env.reset()
    info = env.step(ACTION)[-1]
    assert {**info, "gymwire_left_out": None} == {"x": 1, "c": {}, "gymwire_left_out": None}
    assert set(info["gymwire_left_out"].values()) == {"it contains itself"}


class Told(Point):
    """Returns in its steps what it is told to."""

    def __init__(self, **parts):
        super().__init__()
        self._parts = parts

    def step(self, action):
        reply = dict(
            zip(("observation", "reward", "terminated", "truncated", "info"), super().step(action), strict=True)
        )
        parts = {key: part() if callable(part) else part for key, part in self._parts.items()}
        return tuple({**reply, **parts}.values())


def test_numbers_and_arrays_of_other_libraries_travel_in_infos(serve, remote):
    info = {"jax": Tagged(np.float32(0.5)), "list": [Tagged([1, 2])], "torch": Item(2.5), "point": np.array(1.0)}
    env = remote(serve({"Jax-v0": lambda: Told(info=info)}), "Jax-v0")
    env.reset()
    got = env.step(ACTION)[-1]
    assert (type(got["jax"]), got["jax"]) == (np.float32, 0.5)
    assert got["list"][0].tolist() == [1, 2]
    assert (type(got["torch"]), got["torch"]) == (float, 2.5)
    assert got["point"].shape == ()


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"reward": True}, "must return a number as the reward, got the bool True"),
        ({"reward": np.True_}, "as the reward, got the bool scalar True"),
        ({"reward": "1"}, "as the reward, got the str '1'"),
        ({"reward": None}, "as the reward, got nothing"),
        ({"reward": np.zeros(2)}, "as the reward, got float64 [2]"),
        ({"reward": 1j}, "as the reward, got the complex 1j"),
        ({"reward": 10**400}, "a reward that no float can hold"),
        ({"terminated": "no"}, "must return a bool as terminated, got the str 'no'"),
        ({"terminated": 0}, "as terminated, got the int 0: bool() makes one"),
        ({"truncated": None}, "as truncated, got nothing"),
        ({"truncated": np.zeros(2, bool)}, "as truncated, got bool [2]"),
        ({"info": None}, "got the info nothing"),
        ({"info": [("x", 1)]}, "got the info a list of 1"),
        ({"observation": Unreadable}, "step: the simulator failed: RuntimeError: evil"),
    ],
)
def test_what_is_no_reply_is_refused_with_its_type(serve, remote, parts, message):
    env = remote(serve({"Told-v0": lambda: Told(**parts)}), "Told-v0")
    env.reset()
    error = refused(env.step, ACTION)
    assert error.code == "ENV_FAILED"
    assert message in error.message


@pytest.mark.parametrize(
    "parts",
    [
        {"reward": 1},
        {"reward": np.int8(1)},
        {"reward": np.float32(1)},
        {"reward": np.array([1.0])},
        {"reward": Tagged(1.0)},
        {"reward": decimal.Decimal(1)},
        {"reward": 1.0, "terminated": np.True_},
        {"reward": 1.0, "terminated": np.array([True])},
        {"reward": 1.0, "terminated": Tagged(True)},
    ],
)
def test_what_gymnasium_takes_for_rewards_and_flags_is_taken(serve, remote, parts):
    env = remote(serve({"Told-v0": lambda: Told(**{"terminated": True, **parts})}), "Told-v0")
    env.reset()
    _, reward, terminated, truncated, _ = env.step(ACTION)
    assert (type(reward), reward, terminated, truncated) == (float, 1.0, True, False)


def box(dtype, shape=(2,)):
    low = 0 if np.dtype(dtype).kind == "u" else -100
    return spaces.Box(low, 100, shape, dtype)


MEMBERS = [
    (box(np.float64), np.array([0.1, 2], np.float32)),
    (box(np.float64), np.array([1, 2], np.int32)),
    (box(np.float64), np.array([1, 2], ">f8")),
    (box(np.float32), np.array([1, 2], ">f4")),
    (box(np.float32), np.array([1, 2], np.float16)),
    (box(np.float64), [0.1, 2.0]),
    (box(np.float32), [0.5, 0.25]),
    (box(np.float32), (1, 2)),
    (box(np.float32, ()), 0.5),
    (box(np.float32), [np.float64(0.5), np.int64(2)]),
    (box(np.int64), [1, 2]),
    (box(np.int16), [1, 2]),
    (box(np.float64), Tagged(np.float32([1, 2]))),
    (box(np.float64, ()), np.float64(0.1)),
    (box(np.float64, ()), 0.1),
    (box(np.float64, ()), 1),
    (spaces.MultiDiscrete([3, 2]), np.array([2, 1], np.int32)),
    (spaces.MultiDiscrete([3, 2]), [2, 1]),
    (spaces.MultiDiscrete([3, 2]), Tagged(np.int8([2, 1]))),
    (spaces.MultiBinary(2), [1, 0]),
    (spaces.MultiBinary(2), np.array([1.0, 0.0])),
    (spaces.MultiBinary(2), np.array([True, False])),
    (spaces.Discrete(3), np.int32(2)),
    (spaces.Discrete(3), np.array(2)),
    (spaces.Discrete(3), Tagged(np.int32(2))),
    (spaces.Discrete(2), True),
    (spaces.Tuple((spaces.Discrete(3), box(np.float64))), [1, np.array([1, 2], np.float32)]),
    (spaces.Dict(a=box(np.float64, ()), b=spaces.MultiBinary(1)), {"b": [1], "a": np.float32(1)}),
]


@pytest.mark.parametrize(("space", "value"), MEMBERS, ids=repr)
def test_what_a_space_contains_is_a_member_with_its_dtype_and_nothing_lost(space, value):
    if not _holds(Tagged, value):
        assert space.contains(value)
    member = to_member(space, value)
    assert find_mismatch(space, member, "observation", bounds=True) is None
    assert np.array_equal(np.ravel(_flat(member)), np.ravel(_flat(value)))


def _holds(kind, value):
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
    return isinstance(value, kind) or any(_holds(kind, part) for part in parts)


def _flat(value):
    if isinstance(value, dict):
        return np.concatenate([np.ravel(_flat(value[key])) for key in sorted(value)])
    if isinstance(value, (list, tuple)):
        return np.concatenate([np.ravel(_flat(part)) for part in value])
    return np.asarray(value, np.float64)


@pytest.mark.parametrize(
    ("space", "value"),
    [
        (box(np.float32), np.array([0.5, 2.0])),
        (box(np.float32), [0.1, 2.0]),
        (box(np.float32), [1e300, 2.0]),
        (box(np.float64), [2**53 + 1, -(2**63)]),
        (box(np.int64), [2**63, -1]),
        (box(np.float32), [2.0, None]),
        (box(np.float32), ["1", "2"]),
        (box(np.int8), [1.5, 2]),
        (box(np.float64), np.array([2**53 + 1, 0])),
        (box(np.int16), np.array([1, 2])),
        (box(np.int8), [1, 300]),
        (box(np.uint8), [-1, 3]),
        (box(np.int64), np.array([1.0, 2.0])),
        (box(np.float64), np.ma.masked_array([1.0, 2.0], [True, False])),
        (box(np.float64), np.array(["1", "2"])),
        (box(np.float64), np.array([1j, 2])),
        (box(np.float64), np.zeros(3, np.float32)),
        (spaces.MultiDiscrete([3, 2]), np.array([1.5, 1])),
        (spaces.MultiBinary(2), np.array([0.5, 1])),
        (spaces.Discrete(3), np.float64(1)),
        (spaces.Discrete(3), "1"),
    ],
    ids=repr,
)
def test_what_would_lose_something_stays_refused(space, value):
    member = to_member(space, value)
    assert find_mismatch(space, member, "observation", bounds=False) is not None


def test_a_member_is_a_copy(serve):
    for space, value in [(box(np.float64), np.array([1.0, 2.0])), (spaces.MultiDiscrete([3, 2]), np.array([2, 1]))]:
        member = to_member(space, value)
        value[:] = 0
        assert member.tolist() in ([1, 2], [2, 1])


class Liar(Point):
    """Declares float32 and returns float64, as robosuite's wrapper does."""

    observation_space = spaces.Box(-10, 10, (1,), np.float32)

    def step(self, action):
        return (np.array([0.1]), *super().step(action)[1:])

    def _observe(self):
        return np.zeros(1)


def test_an_observation_that_would_lose_digits_is_refused_with_the_remedy_and_cast_on_demand(serve, remote):
    error = refused(remote(serve(Liar)).reset)
    assert error.code == "ENV_FAILED"
    assert "expected float32 [1], got float64 [1]" in error.message
    assert "gymnasium.wrappers.DtypeObservation(env, np.float32)" in error.message
    assert "--cast-observations" in error.message
    casting = [
        serve(Liar, cast_observations=True),
        serve({"Env-v0": gymwire.EnvRegistration(Liar, cast_observations=True)}),
    ]
    for server in casting:
        env = remote(server)
        env.reset()
        observation, *_ = env.step(ACTION)
        assert (observation.dtype, observation.tolist()) == (np.float32, [float(np.float32(0.1))])
    own = gymwire.EnvRegistration(Liar, cast_observations=False)
    refused(remote(serve({"Env-v0": own}, cast_observations=True)).reset)


class Second(Point):
    """Of its copies, the second one returns what it is told to."""

    made = 0

    def __init__(self, **parts):
        super().__init__()
        self._parts = parts if Second.made == 1 else {}
        Second.made += 1

    def step(self, action):
        reply = dict(
            zip(["observation", "reward", "terminated", "truncated", "info"], super().step(action), strict=True)
        )
        return tuple({**reply, **self._parts}.values())


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"reward": float("nan")}, "step of environment 1: the simulator returned the reward nan"),
        ({"observation": np.array([np.nan])}, "step of environment 1: the simulator returned a bad observation"),
        ({"reward": True}, "step of environment 1: the simulator must return a number"),
    ],
)
def test_of_several_environments_the_one_that_fails_is_named(serve, remote_vector, parts, message):
    envs = remote_vector(serve({"Second-v0": lambda: Second(**parts)}), 2, "Second-v0")
    envs.reset(seed=1)
    assert message in refused(envs.step, [[0.0], [0.0]]).message


def test_an_observation_outside_of_its_box_passes_and_is_told_once(serve, remote, warnings):
    env = remote(serve({"Far-v0": lambda: Told(observation=np.array([1e9]))}), "Far-v0")
    env.reset()
    for _ in range(3):
        assert env.step(ACTION)[0].tolist() == [1e9]
    told = [line for line in warnings() if "outside" in line]
    assert told == [
        "Far-v0: observation[0] is 1000000000, outside its high bound 10; "
        "observations outside their Box are passed on as they are"
    ]


class Fails(Point):
    """Fails where it is told to, with what it is told to."""

    def __init__(self, where="", raises=None):
        super().__init__()
        self._where, self._raises = where, raises
        self._fail("make")

    def _fail(self, where):
        if self._where == where:
            raise self._raises

    def reset(self, *, seed=None, options=None):
        self._fail("reset")
        return super().reset(seed=seed)

    def step(self, action):
        self._fail("step")
        return super().step(action)

    def detach(self):
        self._fail("detach")

    def close(self):
        self._fail("close")


class Evil(BaseException):
    def __str__(self):
        raise SystemExit(9)

    __repr__ = __str__


RAISED = {"exit": SystemExit(3), "interrupt": KeyboardInterrupt(), "evil": Evil(), "generator": GeneratorExit()}


@pytest.mark.parametrize("name", RAISED)
def test_what_is_no_exception_fails_one_call_and_leaves_the_process(serve, remote, name):
    raised = RAISED[name]
    where = {"reset": None, "step": None}
    for place in where:
        env = remote(serve({"Fails-v0": lambda place=place: Fails(place, raised)}), "Fails-v0")
        call = env.reset if place == "reset" else (lambda env=env: (env.reset(), env.step(ACTION)))
        error = refused(call)
        assert error.code == "ENV_FAILED"
        assert f"{place}: the simulator failed: {type(raised).__name__}" in error.message
        if place == "step":
            # The same process goes on.
            assert env.reset()[1]["pid"] > 0
    error = refused(remote, serve({"Fails-v0": lambda: Fails("make", raised)}), "Fails-v0")
    assert error.message.startswith(f"Fails-v0 could not be made: {type(raised).__name__}")


@pytest.mark.parametrize("name", RAISED)
def test_a_detach_that_fails_is_told_once_and_the_session_goes_on(serve, remote, warnings, name):
    raised = RAISED[name]
    env = remote(serve({f"{name.capitalize()}-v0": lambda: Fails("detach", raised)}), f"{name.capitalize()}-v0")
    env.reset()
    for _ in range(2):
        env._session._stream._stream._call.cancel()
        assert env.step(ACTION)[0].shape == (1,)
    env.close()
    told = [line for line in warnings() if "detach: the simulator failed" in line]
    assert len(told) == 1
    assert told[0].startswith(f"{name.capitalize()}-v0: detach: the simulator failed: {type(raised).__name__}")


def test_a_close_that_exits_is_no_one_s_concern(serve, remote):
    server = serve({"Fails-v0": lambda: Fails("close", SystemExit(3))})
    env = remote(server, "Fails-v0")
    env.reset()
    env.close()
    assert server.session_count == 0


class Shy(Point):
    """Raises for whatever it does not have."""

    def __getattr__(self, name):
        raise RuntimeError(f"no {name} here")


def test_an_environment_whose_getattr_raises_can_be_played(serve, remote):
    env = remote(serve(Shy, step_timeout_ms=20_000))
    env.reset()
    assert env.step(ACTION)[0].tolist() == [0.5]


def test_a_code_of_a_client_within_an_environment_is_not_this_session_s(serve, remote):
    env = remote(serve({"Fails-v0": lambda: Fails("step", GymwireError("SESSION_GONE", "inner"))}), "Fails-v0")
    env.reset()
    error = refused(env.step, ACTION)
    assert error.code == "ENV_FAILED"
    assert "SESSION_GONE: inner" in error.message


class Differs(Point):
    """Another space for every copy."""

    made = 0

    def __init__(self):
        super().__init__()
        Differs.made += 1
        self.observation_space = spaces.Box(-10, 10, (1,), np.float64 if Differs.made == 1 else np.float32)


def test_copies_whose_spaces_differ_are_refused(serve, remote_vector):
    error = refused(remote_vector, serve(Differs), 2)
    assert "environment 1 has another observation_space than environment 0" in error.message


def test_what_a_client_sends_is_refused_by_path(serve, remote, remote_vector):
    server = serve(Point)
    env = remote(server)
    error = refused(env.reset, options={"goal": {"at": datetime.date(2026, 1, 1)}})
    assert (error.code, error.details) == ("MALFORMED", {"where": 'options["goal"]["at"]'})
    assert refused(remote, server, env_kwargs={"start": {1}}).message.startswith('env_kwargs["start"]: a set cannot')
    assert "options: expected a dictionary, got a list" in refused(env.reset, options=[1]).message
    envs = remote_vector(server, 2)
    for mask in (["no", "yes"], [1, 0], np.array([[True, False]])):
        error = refused(envs.reset, options={"reset_mask": mask})
        assert error.code == "INVALID_ARGUMENT"
        assert error.message.startswith("reset_mask: expected a boolean array")


if sys.version_info >= (3, 11):

    class Mode(enum.StrEnum):
        FAST = "fast"

    def test_an_enum_of_texts_is_a_text(serve, remote):
        env = remote(serve({"Told-v0": lambda: Told(info={"mode": Mode.FAST})}), "Told-v0")
        env.reset()
        assert env.step(ACTION)[-1] == {"mode": "fast"}


def test_a_list_with_a_number_that_its_space_cannot_hold_is_told_by_that_number(serve, remote):
    class Listed(Point):
        observation_space = spaces.Box(-1, 1, (2,), np.float32)

        def _observe(self):
            return [0.5, 0.1] if self._steps else [0.5, 0.25]

    env = remote(serve(Listed))
    assert env.reset()[0].tolist() == [0.5, 0.25]
    message = refused(env.step, ACTION).message
    assert "expected float32 [2], got a list of 2 with 0.1, which float32 cannot hold without loss" in message
    assert "np.asarray(…, np.float32)" in message


def nested(depth, leaf):
    for _ in range(depth):
        leaf = {"k": leaf}
    return leaf


@pytest.mark.parametrize("vector", [False, True], ids=["single", "vector"])
def test_an_info_as_deep_as_it_may_be_arrives_and_a_deeper_branch_goes_at_its_top(serve, remote, remote_vector, vector):
    for depth in (32, 33, 34, 60):
        info = {"near": {"x": 1.0}, "far": nested(depth - 1, np.float32([1]))}
        server = serve({"Deep-v0": lambda info=info: Told(info=info)})
        env = remote_vector(server, 1, "Deep-v0") if vector else remote(server, "Deep-v0")
        env.reset()
        got = env.step([ACTION] if vector else ACTION)[-1]
        assert float(got["near"]["x"][0] if vector else got["near"]["x"]) == 1.0
        if depth == 32:
            assert "gymwire_left_out" not in got
        else:
            assert "far" not in got
            left_out = got["gymwire_left_out"]
            assert "nest at most 32 levels deep" in str(left_out)
            assert 'info["far"]' in str(left_out)
            assert '["k"]' not in str(left_out)


@pytest.mark.parametrize(
    ("info", "why"),
    [
        ({f"k{i}": i for i in range(10_001)}, "more than the 10000 entries"),
        ({"a": [0] * 5000, "b": [0] * 5000}, "more than the 10000 entries"),
        ({"a": {"b": np.zeros(2**24 + 1, np.uint8)}}, r'info\["a"\]\["b"\]: .* at most 16777216'),
    ],
    ids=["keys", "items", "bytes"],
)
def test_an_info_that_is_too_large_for_every_step_is_refused_as_in_typescript(serve, remote, info, why):
    env = remote(serve({"Large-v0": lambda: Told(info=info)}), "Large-v0")
    env.reset()
    error = refused(env.step, ACTION)
    assert error.code == "ENV_FAILED"
    assert re.search(f"too large an info: .*{why}", error.message)


def test_a_reply_that_no_message_can_carry_is_told_with_its_size_and_the_option(serve, remote, warnings):
    class Wide(Point):
        observation_space = spaces.Box(-1, 1, (1000,), np.float64)

        def _observe(self):
            return np.zeros(1000)

    env = remote(serve({"Wide-v0": Wide}, max_message_bytes=60_000), "Wide-v0")
    assert env.reset()[0].shape == (1000,)
    many = {"Wide-v0": lambda: Told(info={"x": np.zeros(8000)})}
    env = remote(serve(many, max_message_bytes=60_000), "Wide-v0")
    env.reset()
    error = refused(env.step, ACTION)
    assert error.code == "CAPACITY"
    assert re.search(r"step: the reply has 64\d{3} bytes, .* at most 60000: raise max_message_bytes", error.message)
    assert refused(env.step, ACTION).code == "NOT_RESET"
    env.reset()
    assert any("max_message_bytes" in line for line in warnings())


def test_an_entry_that_fails_with_a_book_is_left_out_with_its_beginning(serve, remote, warnings):
    class Long:
        @property
        def __array__(self):
            raise ValueError("x" * 5_000_000)

    class Written(Point):
        def step(self, action):
            return *super().step(action)[:4], {"long": Long()}

    env = remote(serve({"Written-v0": Written}), "Written-v0")
    env.reset()
    for _ in range(2):
        (why,) = env.step(ACTION)[-1]["gymwire_left_out"].values()
        assert len(why) < 1000
    assert len(warnings()) == 1


def test_an_exception_with_a_book_for_a_message_ends_its_step_only(serve, remote):
    class Verbose(Point):
        def step(self, action):
            raise ValueError("x" * 50_000_000)

    env = remote(serve(Verbose))
    for _ in range(2):
        env.reset()
        error = refused(env.step, ACTION)
        assert error.code == "ENV_FAILED"
        assert len(error.message) < 3000
