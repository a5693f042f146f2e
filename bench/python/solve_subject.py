"""Pendulum-v1 to a mean return with Stable-Baselines3: solve_subject.py zoo|same <settings as JSON>; a request's count is the seed."""

import json
import sys
import time

import gymnasium
import numpy as np
import stable_baselines3
import torch
from bench_subject import answer, introduce, next_request, threads
from stable_baselines3.common.callbacks import EvalCallback, StopTrainingOnRewardThreshold
from stable_baselines3.common.monitor import Monitor
from stable_baselines3.common.noise import NormalActionNoise

settings = json.loads(sys.argv[2])
PRESETS = {
    # rl-baselines3-zoo, hyperparams/td3.yml, Pendulum-v1 (22e3ff2); the batch is Stable-Baselines3's default.
    "zoo": {"batch_size": 256, "learning_starts": 10_000, "policy_kwargs": {"net_arch": [400, 300]}},
    # gymwire's own: smaller networks and an earlier start, else the same.
    "same": {"batch_size": 128, "learning_starts": 1_000, "policy_kwargs": {"net_arch": [64, 64]}},
}
DESCRIPTIONS = {
    "zoo": "RL Zoo's hyperparameters (400-300, batch 256, learning starts after 10 000 steps)",
    "same": "gymwire's preset (64-64, batch 128, learning starts after 1 000 steps)",
}
torch.set_num_threads(threads())


def solve(seed):
    """@returns environment steps until the evaluation that reached the return, or all of them; and its mean return"""
    noise = NormalActionNoise(np.zeros(1), np.full(1, 0.1))
    model = stable_baselines3.TD3(
        "MlpPolicy",
        gymnasium.make("Pendulum-v1"),
        gamma=0.98,
        buffer_size=200_000,
        action_noise=noise,
        gradient_steps=1,
        train_freq=1,
        learning_rate=1e-3,
        device="cpu",
        seed=seed,
        **PRESETS[sys.argv[1]],
    )
    evaluation_env = Monitor(gymnasium.make("Pendulum-v1"))
    evaluation_env.reset(seed=seed + 1000)
    evaluation = EvalCallback(
        evaluation_env,
        n_eval_episodes=settings["episodes"],
        eval_freq=settings["interval"],
        callback_on_new_best=StopTrainingOnRewardThreshold(settings["stopAtReturn"]),
        verbose=0,
    )
    model.learn(settings["maxSteps"], callback=evaluation)
    return model.num_timesteps, evaluation.best_mean_reward


introduce(
    f"stable_baselines3 {stable_baselines3.__version__}, torch {torch.__version__}, gymnasium {gymnasium.__version__}",
    f"TD3 with {DESCRIPTIONS[sys.argv[1]]}, in process, {threads()} thread(s); evaluations included",
)
while True:
    seed = next_request()["count"]
    cpu, start = time.process_time(), time.perf_counter()
    steps, best = solve(seed)
    answer(time.perf_counter() - start, time.process_time() - cpu, envSteps=steps, meanReturn=float(best))
