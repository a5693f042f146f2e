"""Which keyword arguments a client may set, and what becomes of them."""

from __future__ import annotations

from typing import Literal

import pytest
from sample_envs import Point

import gymwire
from gymwire import ArgumentSpec, GymwireError
from gymwire.server.arguments import arguments_of, resolve_arguments
from gymwire.server.env_registration import gymnasium_registration


def factory(
    flag: bool = True,
    count: int = 3,
    weight: float = 1,
    reach: tuple[float, float] = (0.0, float("inf")),
    mode: Literal["slow", "fast"] = "slow",
    xml_file: str = "robot.xml",
    name: str = "robot",
    camera: dict | None = None,
    render_mode: str | None = None,
    **others,
):
    return None


def test_scalars_are_found_in_a_signature_and_strings_only_with_their_choices():
    found = {spec.name: (spec.type, spec.default) for spec in arguments_of(factory, {"count": 4})}
    assert found == {
        "flag": ("bool", True),
        "count": ("int", 4),
        "weight": ("float", 1.0),
        "reach": ("float-list", (0.0, float("inf"))),
        "mode": ("string", "slow"),
    }


def test_no_argument_of_a_mujoco_task_names_a_file():
    _, registration = gymnasium_registration("Humanoid-v5")
    names = {spec.name: spec.type for spec in registration.arguments}
    assert "xml_file" not in names
    assert names["healthy_z_range"] == "float-list"
    assert "string" not in names.values()


@pytest.mark.parametrize("name", ["xml_file", "model_path", "paths", "asset_dir", "entry_point", "url", "model"])
def test_an_operator_cannot_declare_a_free_string_that_leads_to_files(name):
    with pytest.raises(GymwireError, match="must list choices"):
        ArgumentSpec(name, "string", "")
    assert ArgumentSpec(name, "string", "a", choices=("a", "b")).choices == ("a", "b")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"weight": 2}, {"weight": 2.0}),
        ({"reach": [1, 2.5]}, {"reach": (1.0, 2.5)}),
        ({"flag": False, "count": 9}, {"flag": False, "count": 9}),
        ({}, {}),
    ],
)
def test_arguments_get_the_type_that_is_declared(given, expected):
    resolved = resolve_arguments("Env-v0", arguments_of(factory, {}), given)
    assert resolved == expected
    assert [type(value) for value in resolved.values()] == [type(value) for value in expected.values()]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"xml_file": "/etc/passwd"}, "UNKNOWN_ARGUMENT"),
        ({"render_mode": "human"}, "UNKNOWN_ARGUMENT"),
        ({"count": 1.0}, "INVALID_ARGUMENT"),
        ({"count": True}, "INVALID_ARGUMENT"),
        ({"flag": 1}, "INVALID_ARGUMENT"),
        ({"weight": float("nan")}, "INVALID_ARGUMENT"),
        ({"weight": float("inf")}, "INVALID_ARGUMENT"),
        ({"reach": [1.0]}, "INVALID_ARGUMENT"),
        ({"mode": "other"}, "INVALID_ARGUMENT"),
        ({"mode": None}, "INVALID_ARGUMENT"),
    ],
)
def test_other_arguments_are_refused_by_name(given, code):
    with pytest.raises(GymwireError) as caught:
        resolve_arguments("Env-v0", arguments_of(factory, {}), given)
    assert caught.value.code == code
    assert caught.value.details == {"argument": next(iter(given))}


def test_they_reach_the_environment(serve, remote):
    env = remote(serve(Point), env_kwargs={"start": 3})
    observation, _ = env.reset()
    assert observation.tolist() == [3.0]
    assert {argument.name for argument in env.remote_spec.arguments} == {"start", "limit"}
    with pytest.raises(GymwireError, match="UNKNOWN_ARGUMENT"):
        remote(env._session._connection.address, env_kwargs={"model_path": "/etc/passwd"})


def test_an_operator_may_restrict_those_of_a_gymnasium_id(serve, remote):
    gravity = ArgumentSpec("g", "float", 10.0, minimum=5, maximum=15)
    server = serve(
        {
            "Fixed-v0": gymwire.gymnasium_env("Pendulum-v1", arguments=()),
            "Pendulum-v1": gymwire.gymnasium_env("Pendulum-v1", arguments=[gravity]),
        }
    )
    assert remote(server, "Pendulum-v1", env_kwargs={"g": 9.81}).remote_spec.max_episode_steps == 200
    with pytest.raises(GymwireError, match=r"UNKNOWN_ARGUMENT.*it takes: none"):
        remote(server, "Fixed-v0", env_kwargs={"g": 9.81})
    with pytest.raises(GymwireError, match=r"INVALID_ARGUMENT.*in \[5, 15\]"):
        remote(server, "Pendulum-v1", env_kwargs={"g": 20.0})
