"""learn() of a Python library in process: train_subject.py <library> <settings as JSON>; a unit is one environment step."""

import json
import sys

import gymnasium
import numpy as np
from bench_envs import ShapeEnv
from bench_subject import Gate, threads

settings = json.loads(sys.argv[2])
gate = Gate(settings["freeSteps"])


class Gated(gymnasium.Wrapper):
    def step(self, action):
        gate.step()
        return self.env.step(action)


def make_env():
    shapes = settings["shapes"]
    if shapes is None:
        return Gated(gymnasium.make(settings["envId"]))
    env = ShapeEnv(shapes["observationSize"], shapes["actionSize"])
    return Gated(gymnasium.wrappers.TimeLimit(env, 1000))


def library():
    """@returns its TD3 and its version"""
    if sys.argv[1] == "sbx":
        import jax
        import sbx

        return sbx.TD3, f"sbx {sbx.__version__}, jax {jax.__version__}"
    import stable_baselines3
    import torch

    torch.set_num_threads(threads())
    return stable_baselines3.TD3, f"stable_baselines3 {stable_baselines3.__version__}, torch {torch.__version__}"


td3_class, version = library()
env = make_env()
from stable_baselines3.common.noise import NormalActionNoise  # noqa: E402

size = env.action_space.shape[0]
model = td3_class(
    "MlpPolicy",
    env,
    learning_rate=settings["learningRate"],
    buffer_size=1_000_000,
    learning_starts=settings["learningStarts"],
    batch_size=settings["batchSize"],
    gamma=settings["gamma"],
    train_freq=1,
    gradient_steps=1,
    action_noise=NormalActionNoise(np.zeros(size), np.full(size, 0.1)),
    policy_kwargs={"net_arch": settings["hiddenSizes"]},
    device="cpu",
    seed=0,
)
gate.introduce_when_closed(
    f"{version}, gymnasium {gymnasium.__version__}",
    f"learn() in process, {threads()} thread(s), one update a step",
    "more work in the update: see the learner bench" if sys.argv[1] == "sbx" else "",
)
model.learn(10**9)
