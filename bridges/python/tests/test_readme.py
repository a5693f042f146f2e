"""What the README shows runs as it stands there, in processes of their own, as readers would run it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import gymwire
from gymwire.__main__ import _parser

README = (Path(__file__).resolve().parents[1] / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


def block_with(text):
    found = [block for block in BLOCKS if text in block]
    assert len(found) == 1
    return found[0]


def start(arguments):
    return subprocess.Popen([sys.executable, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def run(program):
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=False, timeout=300
    )


@pytest.fixture
def pendulum():
    """The address of a server with Pendulum-v1, started as the README says, but on a free port."""
    process = start(["-m", "gymwire", "--json", "serve", "Pendulum-v1", "--port", "0"])
    yield json.loads(process.stdout.readline())["address"]
    process.terminate()
    process.communicate(timeout=60)


def test_every_block_is_run_by_a_test_below():
    texts = ("class Point", "print(f", "stable_baselines3", "RemoteVectorEnv")
    assert sorted(BLOCKS) == sorted(block_with(text) for text in texts)


def test_the_episode_is_played(pendulum):
    result = run(block_with("print(f").replace("127.0.0.1:50051", pendulum))
    assert re.fullmatch(r"return -\d+\.\d\d\n", result.stdout), result.stderr


def test_the_vector_environment_is_stepped(pendulum):
    result = run(block_with("RemoteVectorEnv").replace("127.0.0.1:50051", pendulum))
    assert (result.returncode, result.stderr) == (0, "")


def test_the_class_is_served():
    program = block_with("class Point").replace(
        "port=50062", "port=0, on_listening=lambda s: print(s.address, flush=True)"
    )
    process = start(["-c", program])
    try:
        env = gymwire.RemoteEnv(process.stdout.readline().strip(), "Point-v0", {"spread": 2.0})
        observation, _ = env.reset(seed=5)
        assert observation.tolist() == [np.random.default_rng(5).uniform(-2, 2)]
        steps = [env.step([0.5]) for _ in range(50)]
        assert [step[3] for step in steps] == [False] * 49 + [True]
        env.close()
    finally:
        process.terminate()
        process.communicate(timeout=60)


def test_stable_baselines_is_given_what_it_wants(pendulum):
    """torch is too large for this test: a stand-in plays TD3's part, with the calls that Stable-Baselines3 makes."""
    stand_in = """
import sys, types
class TD3:
    def __init__(self, policy, env, learning_starts):
        self.env = env
    def learn(self, steps):
        env = self.env
        env.reset(seed=0)
        for step in range(250):
            observation, reward, terminated, truncated, info = env.step(env.action_space.sample())
            assert type(reward) is float and type(terminated) is bool and type(truncated) is bool
            if terminated or truncated:
                env.reset()
module = types.ModuleType("stable_baselines3")
module.TD3 = TD3
sys.modules["stable_baselines3"] = module
"""
    result = run(stand_in + block_with("stable_baselines3").replace("127.0.0.1:50051", pendulum))
    assert (result.returncode, result.stderr) == (0, "")


def test_the_table_has_every_option_of_serve():
    serve = _parser()._subparsers._group_actions[0].choices["serve"]
    options = {option for action in serve._actions for option in action.option_strings if option.startswith("--")}
    rows = re.findall(r"^\| (`--.*?) \|", README, re.MULTILINE)
    assert {option for row in rows for option in re.findall(r"`(--[\w-]+)`", row)} == options - {"--help"}
