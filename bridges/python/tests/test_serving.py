"""What people bring to be served: ids and factories of all kinds, environments that draw, and that compile first."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import time

import gymnasium
import numpy as np
import pytest
from sample_envs import Point

import gymwire
from gymwire import GymwireError
from gymwire.server.served_env import Target, registration_for

ACTION = np.array([0.5], np.float32)


class Drawing(gymnasium.Env):
    """Draws when it is told so as it is made, as Gymnasium's do."""

    metadata = {"render_modes": ["human", "rgb_array"], "render_fps": 12}  # noqa: RUF012 -- as Gymnasium's do
    observation_space, action_space = Point.observation_space, Point.action_space

    def __init__(self, render_mode=None, size: int = 4):
        self.render_mode, self.size = render_mode, size

    def reset(self, *, seed=None, options=None):
        return np.zeros(1), {}

    def step(self, action):
        return np.zeros(1), 0.0, False, False, {}

    def render(self):
        return np.full((self.size, self.size, 3), 7, np.uint8) if self.render_mode == "rgb_array" else None


FACTORIES = {
    "function": lambda render_mode=None: Drawing(render_mode),
    "function of anything": lambda **options: Drawing(**options),
    "function that always draws": lambda: Drawing("rgb_array"),
    "wrapped": lambda render_mode=None: gymnasium.wrappers.TimeLimit(Drawing(render_mode), 9),
}


@pytest.mark.parametrize("kind", FACTORIES)
def test_an_environment_of_a_function_draws_when_the_one_that_was_made_does(serve, remote, kind):
    env = remote(serve(FACTORIES[kind]), render_mode="rgb_array")
    env.reset()
    assert env.render().shape == (4, 4, 3)
    assert env.metadata == {"render_modes": ["rgb_array"], "render_fps": 12.0}


@pytest.mark.parametrize(
    "factory",
    [Point, lambda: Point(), lambda: Drawing(), lambda render_mode=None: Drawing("human")],
    ids=["no render", "function without render", "told nothing", "other mode"],
)
def test_an_environment_that_does_not_draw_is_refused_by_name_when_it_was_made(serve, remote, factory):
    server = serve(factory)
    with pytest.raises(GymwireError, match=r"UNSUPPORTED.*no render mode rgb_array"):
        remote(server, render_mode="rgb_array")
    assert server.session_count == 0
    remote(server).reset()


def test_what_an_environment_draws_is_listed_once_one_was_made(serve, remote):
    server = serve(FACTORIES["function"])
    connection = gymwire.Connection(gymwire.ConnectionOptions(server.address))
    assert list(connection.list_envs()[0].render_modes) == []
    remote(server)
    assert list(connection.list_envs()[0].render_modes) == ["rgb_array"]
    connection.close()


def test_gymnasiums_ids_whose_entry_point_is_a_function_draw_too(serve, remote):
    gymnasium.register("Function-v0", entry_point=FACTORIES["function"])
    try:
        env = remote(serve(["Function-v0"]), "Function-v0", render_mode="rgb_array")
        env.reset()
        assert env.render()[0, 0].tolist() == [7, 7, 7]
    finally:
        del gymnasium.registry["Function-v0"]


@pytest.mark.parametrize("env_id", ["Arm", "my/Arm", "my/Arm-v3", "a-b/C.d-v0"])
def test_ids_need_neither_a_version_nor_a_namespace(serve, remote, env_id):
    assert remote(serve({env_id: Point}), env_id).remote_spec.id == env_id


@pytest.mark.parametrize("served", [Point(), {"Arm-v0": Point()}, {"Arm-v0": gymwire.EnvRegistration(Point())}])
def test_an_instance_in_the_place_of_a_factory_is_refused_at_start(serve, served):
    with pytest.raises(GymwireError, match=r"INVALID_ARGUMENT.*instance of Point: give the class Point, or lambda"):
        serve(served)


@pytest.mark.parametrize("served", [{"Arm-v0": 7}, {"Arm-v0": "Pendulum-v1"}])
def test_what_makes_nothing_is_refused_at_start(serve, served):
    with pytest.raises(GymwireError, match=r"INVALID_ARGUMENT.*expected what makes an environment"):
        serve(served)


SCRIPT = """
import gymnasium, gymwire, numpy as np
from gymnasium import spaces

class Mine(gymnasium.Env):
    observation_space = spaces.Box(-1, 1, (1,), np.float64)
    action_space = spaces.Box(-1, 1, (1,), np.float32)

    def reset(self, *, seed=None, options=None):
        return np.zeros(1), {"mine": True}

    def step(self, action):
        return np.zeros(1), 0.0, False, False, {}

gymnasium.register("Mine-v0", entry_point=Mine)
gymnasium.register("Named-v0", entry_point="__main__:Mine")
gymnasium.register("Inner-v0", entry_point=lambda: gymnasium.make("Mine-v0"))
def make():
    return gymnasium.make("Named-v0")

if __name__ == "__main__":
    envs = {"Made-v0": make}
    for name in ("Mine-v0", "Named-v0", "Inner-v0"):
        envs[name] = gymwire.gymnasium_env(name)
    gymwire.serve(envs, port=0, on_listening=lambda server: print(server.address, flush=True))
"""


def test_ids_that_the_serving_script_registered_work_in_the_new_process(remote, tmp_path):
    script = tmp_path / "serve_mine.py"
    script.write_text(SCRIPT)
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True, env=environ)
    try:
        address = process.stdout.readline().strip()
        for env_id in ("Mine-v0", "Named-v0", "Inner-v0", "Made-v0"):
            assert remote(address, env_id, reconnect_timeout_ms=0).reset()[1] == {"mine": True}
    finally:
        process.terminate()
        process.communicate(timeout=60)


def test_a_port_that_is_taken_is_told_with_what_to_do(serve):
    port = serve("Pendulum-v1").port
    with pytest.raises(
        GymwireError, match=rf"on 127\.0\.0\.1:{port}: another process listens there: .*--port 0"
    ) as caught:
        serve("Pendulum-v1", port=port)
    assert caught.value.code == "SERVER_UNAVAILABLE"


def test_serve_says_on_stderr_where_it_listens():
    program = 'import gymwire\nif __name__ == "__main__":\n    gymwire.serve("Pendulum-v1", port=0)'
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE, text=True, env=environ)
    try:
        assert process.stderr.readline().startswith("serving on 127.0.0.1:")
    finally:
        process.terminate()
        process.communicate(timeout=60)


def test_a_wrapper_of_the_serving_script_is_refused_at_start_with_the_reason(serve):
    from gymnasium.envs.registration import WrapperSpec

    wrapper = WrapperSpec("Own", "__main__:Own", {})
    gymnasium.register("Wrapped-v0", entry_point=Point, additional_wrappers=(wrapper,))
    try:
        with pytest.raises(GymwireError, match=r"UNKNOWN_ENV.*wrapper Own is in the script that serves"):
            serve(["Wrapped-v0"])
    finally:
        del gymnasium.registry["Wrapped-v0"]


MODULE = """
import gymnasium, numpy as np
from gymnasium import spaces

class Arm(gymnasium.Env):
    observation_space = spaces.Box(-10, 10, (1,), np.float64)
    action_space = spaces.Box(-1, 1, (1,), np.float32)

    def __init__(self, start: float = 1.0, flavour="plain"):
        self.start, self.flavour = float(start), flavour

    def reset(self, *, seed=None, options=None):
        return np.array([self.start]), {"flavour": self.flavour}

    def step(self, action):
        return np.array([self.start]), 0.0, False, False, {}

class Kit:
    Arm = Arm

def make_arm(start: float = 1.0, flavour="plain"):
    return Arm(start, flavour)

gymnasium.register("kit/Arm", entry_point="arm_kit:make_arm")
"""


@pytest.fixture
def arm_kit(tmp_path, monkeypatch):
    (tmp_path / "arm_kit.py").write_text(textwrap.dedent(MODULE))
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path
    gymnasium.registry.pop("kit/Arm", None)
    sys.modules.pop("arm_kit", None)


@pytest.mark.parametrize(
    ("target", "env_id"),
    [
        (Target("arm_kit:kit/Arm"), "kit/Arm"),
        (Target("Reach-v3=arm_kit:kit/Arm"), "Reach-v3"),
        (Target("arm_kit:make_arm", "Arm-v0"), "Arm-v0"),
        (Target("Arm-v0=arm_kit:Kit.Arm"), "Arm-v0"),
    ],
)
def test_ids_of_other_packages_and_factories_of_modules_are_served(serve, remote, arm_kit, target, env_id):
    found, registration = registration_for(target)
    assert found == env_id
    assert remote(serve({found: registration}), env_id).reset()[0].shape == (1,)


@pytest.mark.parametrize("text", ["Reach-v3=arm_kit:kit/Arm", "Reach-v3=arm_kit:make_arm"])
def test_the_operators_arguments_are_given_and_not_the_clients_to_set(serve, remote, arm_kit, text):
    server = serve(dict([registration_for(Target(text, kwargs={"flavour": "salty"}))]))
    env = remote(server, "Reach-v3", env_kwargs={"start": 3.0})
    assert env.reset()[0].tolist() == [3.0]
    assert env.reset()[1] == {"flavour": "salty"}
    server = serve(dict([registration_for(Target(text, kwargs={"start": 5}))]))
    assert remote(server, "Reach-v3").reset()[0].tolist() == [5]
    with pytest.raises(GymwireError, match="UNKNOWN_ARGUMENT"):
        remote(server, "Reach-v3", env_kwargs={"start": 3.0})


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (Target("arm_kit:make_arm"), "INVALID_ARGUMENT.*say under which id"),
        (Target("arm_kit:nothing", "A"), "UNKNOWN_ENV.*no id 'nothing'.*no such class or function"),
        (Target("no_such_kit:make", "A"), "UNKNOWN_ENV.*ModuleNotFoundError"),
        (Target("arm_kit:ArmEnv.make"), "UNKNOWN_ENV.*no such class or function"),
        (Target("tank.py"), "INVALID_ARGUMENT.*expected a module, got a path: say tank:TankEnv --id Tank-v0"),
        (Target("./a/arm.py:ArmEnv"), "INVALID_ARGUMENT.*say arm:ArmEnv --id Arm-v0, in the folder of arm.py"),
        (Target("Foo-v9"), r"UNKNOWN_ENV: Foo-v9: NameNotFound.*tank:TankEnv --id Tank-v0"),
        (Target("Pendulum-v1", kwargs={"mass": 2}), "INVALID_ARGUMENT: Pendulum-v1: .*'mass'; it takes: g$"),
        (Target("A=arm_kit:make_arm", kwargs={"nope": 1}), "INVALID_ARGUMENT.*nope"),
        (Target("A=arm_kit:kit/Arm", kwargs={"nope": 1}), "INVALID_ARGUMENT.*nope"),
    ],
)
def test_what_cannot_be_served_is_told_at_start(arm_kit, target, message):
    with pytest.raises(GymwireError, match=message):
        registration_for(target)


def test_the_command_line_takes_ids_and_arguments_in_the_order_in_which_they_stand(remote, arm_kit):
    arguments = ["arm_kit:make_arm", "--id", "Arm-v0", "--kwarg", "flavour=reach-v3", "--kwarg", "start=2.5"]
    arguments += ["--env", "Reach-v3=arm_kit:kit/Arm", "--kwarg", "start=-1", "--port", "0", "--env", "Pendulum-v1"]
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", "gymwire", "--json", "serve", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ)
    try:
        listening = json.loads(process.stdout.readline())
        assert listening["envs"] == ["Arm-v0", "Reach-v3", "Pendulum-v1"]
        arm, reach = (
            remote(listening["address"], name, reconnect_timeout_ms=0).reset() for name in ("Arm-v0", "Reach-v3")
        )
        assert (arm[0].tolist(), arm[1]) == ([2.5], {"flavour": "reach-v3"})
        assert reach[0].tolist() == [-1]
    finally:
        process.terminate()
        process.communicate(timeout=60)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "on the command line: serve Pendulum-v1"),
        (["--id", "Arm-v0"], "--id: comes after the environment"),
        (["--kwarg", "a=1", "Pendulum-v1"], "--kwarg: comes after the environment"),
        (["Pendulum-v1", "--kwarg", "a"], "expected NAME=VALUE"),
        (["Pendulum-v1", "--kwarg", "a=1", "--kwarg", "a=2"], "given twice"),
        (["Pendulum-v1", "--id", "A-v0", "--id", "B-v0"], "has the id A-v0 already"),
        (["Pendulum-v1", "--port", "0", "Pendulum-v1"], "are named with --env"),
        (["Pendulum-v1", "Pendulum-v1"], "Pendulum-v1 is given twice"),
    ],
)
def test_the_command_line_says_what_stands_wrong(capsys, arguments, message):
    from gymwire.__main__ import main

    try:
        code = main(["serve", *arguments])
    except SystemExit as end:
        code = end.code
    assert code == 2
    assert message in capsys.readouterr().err


class Compiling(Point):
    """Its first step takes a second, as one that JAX compiles; so does a later one when it is told to."""

    def __init__(self):
        super().__init__()
        self._is_compiled = False

    def step(self, action):
        if not self._is_compiled or action[0] < 0:
            time.sleep(1)
        self._is_compiled = True
        return super().step(action)


def test_the_first_step_of_a_session_may_compile(serve, remote):
    server = serve(Compiling, step_timeout_ms=500, first_step_timeout_ms=60_000)
    env = remote(server)
    env.reset()
    assert env.step(ACTION)[0].tolist() == [0.5]
    env.reset()
    with pytest.raises(GymwireError, match=r"within 500 ms.*raise step_timeout_ms \(--step-timeout-ms\)"):
        env.step(-ACTION)


def test_the_first_step_has_a_limit_that_is_named(serve, remote):
    server = serve(gymwire.EnvRegistration(Compiling, first_step_timeout_ms=300, step_timeout_ms=200))
    env = remote(server)
    env.reset()
    with pytest.raises(GymwireError, match=r"within 300 ms.*raise first_step_timeout_ms \(--first-step-timeout-ms\)"):
        env.step(ACTION)


def test_who_says_how_long_a_step_may_take_means_the_first_one_too(serve, remote):
    env = remote(serve(Compiling, step_timeout_ms=300))
    env.reset()
    with pytest.raises(GymwireError, match=r"within 300 ms.*raise step_timeout_ms"):
        env.step(ACTION)


def test_who_allows_every_step_more_time_allows_it_the_first_one_too(serve, remote):
    env = remote(serve(Compiling, first_step_timeout_ms=200, step_timeout_ms=60_000))
    env.reset()
    assert env.step(ACTION)[0].tolist() == [0.5]


def test_a_session_without_a_render_mode_teaches_nothing_of_drawing(serve, remote):
    class Plain:
        """Its metadata are Gymnasium's own, which list no mode."""

        metadata = {"render_modes": []}  # noqa: RUF012 -- as Gymnasium's do
        observation_space, action_space = Point.observation_space, Point.action_space

        def __init__(self, render_mode: str | None = None):
            self.render_mode = render_mode

        def reset(self, *, seed=None, options=None):
            return np.zeros(1), {}

        def step(self, action):
            return np.zeros(1), 0.0, False, False, {}

        def render(self):
            return np.zeros((4, 4, 3), np.uint8)

    server = serve(Plain)
    remote(server).reset()
    for _ in range(2):
        env = remote(server, render_mode="rgb_array")
        env.reset()
        assert env.render().shape == (4, 4, 3)
        remote(server).reset()
