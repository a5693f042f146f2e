"""Gymnasium's own environments behind requests: env_subject.py <make | sync | async> <envs> <id>; a unit is a step of all."""

import math
import sys
import warnings

from bench_subject import introduce, say_missing, serve_requests

mode, count, env_id = sys.argv[1], int(sys.argv[2]), sys.argv[3]

try:
    import gymnasium
    import numpy as np
except ImportError as error:
    say_missing(str(error))

TABLE_LENGTH = 64


def action_table(space, envs):
    """The same numbers as bench/src/env/actions.ts."""
    size = space.shape[0]
    low, high = np.tile(space.low, envs), np.tile(space.high, envs)
    share = [[0.5 + 0.5 * math.sin(1 + 2 * time + 5 * i) for i in range(envs * size)] for time in range(TABLE_LENGTH)]
    flat = (low + np.array(share) * (high - low)).astype(np.float32)
    return flat if envs == 1 else flat.reshape(TABLE_LENGTH, envs, size)


def create_single():
    env = gymnasium.make(env_id)
    actions = action_table(env.action_space, 1)
    env.reset(seed=0)
    time = 0

    def unit():
        nonlocal time
        _, _, terminated, truncated, _ = env.step(actions[time % TABLE_LENGTH])
        time += 1
        if terminated or truncated:
            env.reset()

    return unit, "gymnasium.make: PassiveEnvChecker, OrderEnforcing, TimeLimit"


def create_vector(vector_class):
    envs = vector_class([lambda: gymnasium.make(env_id)] * count)
    actions = action_table(envs.single_action_space, count)
    envs.reset(seed=0)
    time = 0

    def unit():
        nonlocal time
        envs.step(actions[time % TABLE_LENGTH])
        time += 1

    return unit, f"gymnasium.vector.{vector_class.__name__} of gymnasium.make's environments, next-step autoreset"


def main():
    warnings.filterwarnings("ignore")
    try:
        if mode == "make":
            unit, includes = create_single()
        else:
            unit, includes = create_vector(
                gymnasium.vector.SyncVectorEnv if mode == "sync" else gymnasium.vector.AsyncVectorEnv
            )
    except gymnasium.error.Error as error:
        say_missing(str(error))
    version = f"Gymnasium {gymnasium.__version__}, Python {sys.version.split()[0]}"
    try:
        import mujoco

        version += f", MuJoCo {mujoco.__version__}"
    except ImportError:
        pass
    introduce(version, includes)
    serve_requests(unit)


if __name__ == "__main__":
    main()
