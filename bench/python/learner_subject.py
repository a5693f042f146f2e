"""One TD3 update of a Python library, over and over: learner_subject.py <library> <sizes as JSON> <authors' folder>."""

import json
import sys
from types import SimpleNamespace

from bench_subject import introduce, say_missing, serve_requests, threads

TRANSITIONS = 1_000_000


def transitions(sizes):
    """A replay's worth: normal observations and rewards, uniform actions, one end in a hundred."""
    import numpy as np

    random = np.random.default_rng(0)
    return SimpleNamespace(
        observations=random.standard_normal((TRANSITIONS, sizes.obs), np.float32),
        next_observations=random.standard_normal((TRANSITIONS, sizes.obs), np.float32),
        actions=random.uniform(-1, 1, (TRANSITIONS, sizes.act)).astype(np.float32),
        rewards=random.standard_normal(TRANSITIONS, np.float32),
        terminated=(random.random(TRANSITIONS) < 0.01).astype(np.float32),
    )


def baselines_model(td3_class, sizes):
    """Of Stable-Baselines3 or SBX, with its own replay buffer full."""
    from bench_envs import ShapeEnv
    from stable_baselines3.common.logger import Logger

    model = td3_class(
        "MlpPolicy",
        ShapeEnv(sizes.obs, sizes.act),
        learning_rate=3e-4,
        buffer_size=TRANSITIONS,
        batch_size=sizes.batch,
        policy_kwargs={"net_arch": list(sizes.hidden)},
        device="cpu",
        seed=0,
    )
    model.set_logger(Logger(folder=None, output_formats=[]))
    replay, data = model.replay_buffer, transitions(sizes)
    replay.observations[:, 0] = data.observations
    replay.next_observations[:, 0] = data.next_observations
    replay.actions[:, 0] = data.actions
    replay.rewards[:, 0] = data.rewards
    replay.dones[:, 0] = data.terminated
    replay.full = True
    return model


def stable_baselines3(sizes):
    import stable_baselines3
    import torch

    torch.set_num_threads(threads())
    model = baselines_model(stable_baselines3.TD3, sizes)
    introduce(
        f"stable_baselines3 {stable_baselines3.__version__}, torch {torch.__version__}",
        "TD3.train(gradient_steps=1): sampling, noise, update, its logger without outputs; the acting policy shares the weights",
    )
    serve_requests(lambda: model.train(gradient_steps=1, batch_size=sizes.batch))


def sbx(sizes):
    import jax
    import sbx

    model = baselines_model(sbx.TD3, sizes)

    def update():
        model.train(gradient_steps=1, batch_size=sizes.batch)
        jax.block_until_ready(model.policy.actor_state.params)

    update(), update()
    introduce(
        f"sbx {sbx.__version__}, jax {jax.__version__}",
        "TD3.train(gradient_steps=1) as its learn() calls it: sampling by SB3's buffer, jitted update, its losses read; then block_until_ready on the actor",
        "targets move at every update, not only with the actor (more work); the actor ascends the smaller of both critics, not Q1 (more work)",
    )
    serve_requests(update)


def authors(sizes):
    if tuple(sizes.hidden) != (256, 256):
        say_missing("the authors' networks are 256-256 and cannot be set")
    import torch

    sys.path.insert(0, sys.argv[3])
    try:
        from TD3 import TD3
        from utils import ReplayBuffer
    except ImportError:
        say_missing("no TD3.py of github.com/sfujim/TD3 (GYMWIRE_PEERS_SFUJIM names a clone)")
    torch.set_num_threads(threads())
    learner = TD3(sizes.obs, sizes.act, 1.0)
    replay, data = ReplayBuffer(sizes.obs, sizes.act, TRANSITIONS), transitions(sizes)
    replay.state[:] = data.observations
    replay.next_state[:] = data.next_observations
    replay.action[:] = data.actions
    replay.reward[:, 0] = data.rewards
    replay.not_done[:, 0] = 1 - data.terminated
    replay.size = TRANSITIONS
    introduce(
        f"github.com/sfujim/TD3 34770cc, torch {torch.__version__}",
        "TD3.train(): sampling from its float64 buffer, noise, update; the acting policy shares the weights",
    )
    serve_requests(lambda: learner.train(replay, sizes.batch))


def rltools(sizes):
    try:
        from rltools import TD3
    except ImportError as error:
        say_missing(str(error))
    if len(set(sizes.hidden)) != 1:
        say_missing("RLtools' hidden layers are of one size")
    import importlib.metadata
    import shutil
    import subprocess
    import tempfile

    from bench_envs import ShapeEnv

    name = f"bench_{sizes.obs}_{sizes.act}_{sizes.hidden[0]}_{len(sizes.hidden)}_{sizes.batch}"
    try:
        library = TD3(
            lambda: ShapeEnv(sizes.obs, sizes.act),
            enable_evaluation=False,
            interface_name=name,
            ACTOR_BATCH_SIZE=sizes.batch,
            CRITIC_BATCH_SIZE=sizes.batch,
            N_WARMUP_STEPS=1000,
            STEP_LIMIT=2**40,
            REPLAY_BUFFER_CAP=TRANSITIONS,
            ACTOR_HIDDEN_DIM=sizes.hidden[0],
            CRITIC_HIDDEN_DIM=sizes.hidden[0],
            ACTOR_NUM_LAYERS=len(sizes.hidden) + 1,
            CRITIC_NUM_LAYERS=len(sizes.hidden) + 1,
            OPTIMIZER_ALPHA=3e-4,
        )
    except Exception as error:
        say_missing(f"RLtools does not compile here: {str(error)[-300:]}")
    with tempfile.TemporaryDirectory() as folder:
        compiler = shutil.which("g++") or shutil.which("clang++") or ""
        linked = subprocess.run(
            [compiler, "-x", "c++", "-", "-lblas", "-o", f"{folder}/probe"],
            input=b"int main() {}",
            capture_output=True,
        )
    blas = "with the system's BLAS" if linked.returncode == 0 else "WITHOUT a BLAS: none to link here, so slow products"
    state = library.State(0)
    for _ in range(1000):
        state.step()
    introduce(
        f"rltools {importlib.metadata.version('rltools')}, {blas}",
        "one step of its training loop: acting, a step of a trivial Python environment, storing, sampling, update (all but the environment compiled C++)",
        "also acts, steps and stores; its replay cannot be filled beforehand and holds only its own steps so far; -ffast-math",
    )
    serve_requests(state.step)


LIBRARIES = {"sb3": stable_baselines3, "sbx": sbx, "sfujim": authors, "rltools": rltools}

if __name__ == "__main__":
    given = json.loads(sys.argv[2])
    LIBRARIES[sys.argv[1]](
        SimpleNamespace(
            obs=given["observationSize"],
            act=given["actionSize"],
            hidden=given["hiddenSizes"],
            batch=given["batchSize"],
        )
    )
