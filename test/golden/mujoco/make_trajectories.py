"""Golden data from Gymnasium's MuJoCo v5 tasks on native MuJoCo, for simulators' tasks on MuJoCo's WebAssembly.

    pip install gymnasium==1.4.0 mujoco==3.14.0 "numpy>=2" imageio packaging
    python make_trajectories.py                 # writes the JSON files beside this script
    python make_trajectories.py --check         # makes them anew and compares; exit status 1 when they differ
    python make_trajectories.py --long FOLDER   # writes there: five seeds of 1000 steps with random actions a task
    python make_trajectories.py --task hopper   # any of them for one task

--long also says how chaotic the task is: `drift` is how far native MuJoCo is from itself, after each step, when an
episode starts with positions 1e-15 higher or lower. No other build of MuJoCo can be nearer than that.

Arrays are base64 of little-endian bytes: actions float32, everything else float64; flags are a digit a step.
Physics in floating point depends on compiler and processor in the last bits: --check allows a relative 1e-8
in the first four fifths of an episode, and 1e-6 after that.
"""

from __future__ import annotations

import argparse
import base64
import inspect
import json
import platform
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import gymnasium
import mujoco
import numpy as np

HERE = Path(__file__).resolve().parent
LONG_SEEDS = (0, 1, 42, 123, 2**32 + 7)
LONG_STEPS = 1000

Policy = Callable[[np.ndarray], np.ndarray]


def versions() -> dict[str, str]:
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "gymnasium": gymnasium.__version__,
        "mujoco": mujoco.__version__,
        "platform": f"{platform.system()} {platform.machine()}",
    }


def base64_of(values: object, dtype: str = "<f8") -> str:
    return base64.b64encode(np.asarray(values, dtype=dtype).tobytes()).decode("ascii")


# --- what Gymnasium registers --------------------------------------------------------------------------------


def plain(value: object) -> object:
    """Keyword defaults in JSON, infinities as text, tuples as lists."""
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if isinstance(value, float) and not np.isfinite(value):
        return str(value)
    return value


def describe(env_id: str) -> dict:
    env = gymnasium.make(env_id)
    parameters = inspect.signature(type(env.unwrapped).__init__).parameters
    skipped = {"self", "xml_file", "default_camera_config", "kwargs"}
    assert env.spec is not None
    description = {
        "envId": env_id,
        "maxEpisodeSteps": env.spec.max_episode_steps,
        "rewardThreshold": env.spec.reward_threshold,
        "renderFps": env.unwrapped.metadata["render_fps"],
        "observationShape": list(env.observation_space.shape),
        "observationDtype": str(env.observation_space.dtype),
        "observationBounds": [str(env.observation_space.low.max()), str(env.observation_space.high.min())],
        "actionLow": [float(x) for x in env.action_space.low],
        "actionHigh": [float(x) for x in env.action_space.high],
        "arguments": {name: plain(p.default) for name, p in parameters.items() if name not in skipped},
    }
    env.close()
    return description


# --- trajectories --------------------------------------------------------------------------------------------


def type_name(value: object) -> str:
    if isinstance(value, np.ndarray):
        return f"array {value.dtype} {list(value.shape)}"
    if isinstance(value, np.generic):
        return str(value.dtype)
    return type(value).__name__


def columns(infos: list[dict]) -> dict:
    """One array a key; the keys and types of all the infos are the same."""
    types = {key: type_name(value) for key, value in infos[0].items()}
    for info in infos:
        assert {key: type_name(value) for key, value in info.items()} == types, info
        assert list(info) == list(types)
    return {
        key: {"type": types[key], "values": base64_of([np.ravel(info[key]) for info in infos])} for key in types
    }


NUDGES = (1e-15, -1e-15)


class Twins:
    """The same environment again, nudged when an episode starts."""

    def __init__(self, env_id: str) -> None:
        self.envs = [gymnasium.make(env_id).unwrapped for _ in NUDGES]

    def reset(self, seed: int | None) -> None:
        for env, nudge in zip(self.envs, NUDGES):
            env.reset(seed=seed)
            env.data.qpos[:] += nudge

    def step(self, action: np.ndarray, observation: np.ndarray) -> float:
        """How far the furthest one is from this observation: absolute, or relative where that exceeds 1."""
        scale = np.maximum(1.0, np.abs(observation))
        return max(float(np.max(np.abs(env.step(action)[0] - observation) / scale)) for env in self.envs)


def play(env: gymnasium.Env, steps: int, policy: Policy, seed: int | None, twins: Twins | None) -> dict:
    """One episode from its reset on, of `steps` at most; it ends early when the task does."""
    observation, reset_info = env.reset(seed=seed)
    if twins is not None:
        twins.reset(seed)
    observations = [observation]
    actions, rewards, terminations, truncations, infos, drift = [], [], [], [], [], []
    for _ in range(steps):
        action = policy(observation).astype(np.float32)
        observation, reward, terminated, truncated, info = env.step(action)
        assert observation.dtype == np.float64 and type(terminated) is bool and type(truncated) is bool
        actions.append(action)
        observations.append(observation)
        rewards.append(float(reward))
        terminations.append(terminated)
        truncations.append(truncated)
        infos.append(info)
        if twins is not None:
            drift.append(twins.step(action, observation))
        if terminated or truncated:
            break
    return {
        **({} if seed is None else {"seed": str(seed)}),
        "steps": len(actions),
        "actions": base64_of(actions, "<f4"),
        "observations": base64_of(observations),
        "rewards": base64_of(rewards),
        "terminated": "".join(str(int(flag)) for flag in terminations),
        "truncated": "".join(str(int(flag)) for flag in truncations),
        "resetInfo": columns([reset_info]),
        "infos": columns(infos),
        **({} if twins is None else {"drift": base64_of(drift)}),
    }


def session(
    env_id: str, kwargs: dict, seed: int, steps: int, policy: Policy | None = None, twins: Twins | None = None
) -> dict:
    """Episodes after one another, the first one seeded, `steps` in all."""
    env = gymnasium.make(env_id, **kwargs)
    if policy is None:
        policy = random_policy(env, seed + 1000)
    episodes = []
    left = steps
    while left > 0:
        episodes.append(play(env, left, policy, seed if not episodes else None, twins))
        left -= episodes[-1]["steps"]
    env.close()
    return {"kwargs": {key: plain(value) for key, value in kwargs.items()}, "episodes": episodes}


def random_policy(env: gymnasium.Env, seed: int, scale: float = 1.2) -> Policy:
    """Uniform in 1.2 times the bounds: MuJoCo clips controls, rewards do not."""
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed)))
    low, high = scale * env.action_space.low, scale * env.action_space.high
    return lambda _: rng.uniform(low, high)


def gentle_policy(env_id: str) -> Policy | None:
    """At full power HalfCheetah tumbles: 1e-15 in the initial state is 1 after a hundred steps, on one machine too."""
    if env_id != "HalfCheetah-v5":
        return None
    return random_policy(gymnasium.make(env_id), 1000, 0.5)


def balance(observation: np.ndarray) -> np.ndarray:
    """Keeps the inverted pendulum up: observation [x, angle, speed, angular speed]."""
    return np.array([observation @ np.array([0.5, 15.0, 0.8, 2.0])])


INF = float("inf")
EVERYTHING = {"exclude_current_positions_from_observation": False}

# A task's second session: keyword arguments other than the defaults, and where the task allows it no end.
TASKS: dict[str, tuple[str, dict, Policy | None]] = {
    "inverted_pendulum": ("InvertedPendulum-v5", {"reset_noise_scale": 0.02, "frame_skip": 3}, balance),
    "inverted_double_pendulum": (
        "InvertedDoublePendulum-v5",
        {"healthy_reward": 7.5, "reset_noise_scale": 1e-5, "frame_skip": 2},
        lambda _: np.array([0.0]),
    ),
    "reacher": ("Reacher-v5", {"reward_dist_weight": 2.5, "reward_control_weight": 0.3, "frame_skip": 4}, None),
    "pusher": (
        "Pusher-v5",
        {"reward_near_weight": 0.7, "reward_dist_weight": 1.5, "reward_control_weight": 0.2},
        None,
    ),
    "swimmer": (
        "Swimmer-v5",
        {"forward_reward_weight": 2.0, "ctrl_cost_weight": 0.01, "reset_noise_scale": 0.3, **EVERYTHING},
        None,
    ),
    "hopper": (
        "Hopper-v5",
        {
            "forward_reward_weight": 1.5,
            "ctrl_cost_weight": 0.02,
            "healthy_reward": 0.8,
            "terminate_when_unhealthy": False,
            "healthy_state_range": (-6.0, 6.0),
            "healthy_z_range": (0.5, 1.3),
            "healthy_angle_range": (-INF, 0.5),
            "reset_noise_scale": 0.02,
            **EVERYTHING,
        },
        None,
    ),
    "half_cheetah": (
        "HalfCheetah-v5",
        {
            "forward_reward_weight": 1.3,
            "ctrl_cost_weight": 0.3,
            "reset_noise_scale": 0.05,
            "frame_skip": 2,
            **EVERYTHING,
        },
        None,
    ),
    "walker2d": (
        "Walker2d-v5",
        {
            "healthy_reward": 0.9,
            "terminate_when_unhealthy": False,
            "healthy_z_range": (0.7, 1.25),
            "healthy_angle_range": (-0.5, 0.5),
            **EVERYTHING,
        },
        None,
    ),
    "ant": (
        "Ant-v5",
        {
            "forward_reward_weight": 1.1,
            "ctrl_cost_weight": 0.4,
            "contact_cost_weight": 1e-3,
            "healthy_reward": 0.5,
            "main_body": 3,
            "terminate_when_unhealthy": False,
            "healthy_z_range": (0.4, 0.8),
            "contact_force_range": (-0.5, 2.0),
            **EVERYTHING,
        },
        None,
    ),
    "humanoid": (
        "Humanoid-v5",
        {
            "contact_cost_weight": 1e-5,
            "contact_cost_range": (0.05, 0.5),
            "healthy_reward": 4.0,
            "terminate_when_unhealthy": False,
            "healthy_z_range": (0.8, INF),
            "include_cinert_in_observation": False,
            "include_qfrc_actuator_in_observation": False,
            **EVERYTHING,
        },
        None,
    ),
    "humanoid_standup": (
        "HumanoidStandup-v5",
        {
            "uph_cost_weight": 3.0,
            "ctrl_cost_weight": 0.2,
            "impact_cost_weight": 1e-5,
            "impact_cost_range": (0.01, 2.0),
            "include_cvel_in_observation": False,
            "include_cinert_in_observation": False,
            "include_cfrc_ext_in_observation": False,
        },
        None,
    ),
}


def make(name: str) -> dict:
    env_id, kwargs, policy = TASKS[name]
    return {
        **describe(env_id),
        "sessions": [
            session(env_id, {}, 0, 120, gentle_policy(env_id)),
            session(env_id, kwargs, 2**32 + 7, 110, policy),
        ],
    }


def make_long(name: str) -> dict:
    env_id, _, _ = TASKS[name]
    sessions = [session(env_id, {}, seed, LONG_STEPS, twins=Twins(env_id)) for seed in LONG_SEEDS]
    return {**describe(env_id), "sessions": sessions}


# --- files ---------------------------------------------------------------------------------------------------


def write(folder: Path, name: str, data: dict) -> None:
    text = json.dumps({"versions": versions(), **data}, separators=(",", ":"), allow_nan=False)
    (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8", newline="\n")
    print(f"{name}.json: {len(text)} bytes", flush=True)


def is_array(path: str) -> bool:
    return path.endswith((".values", ".rewards", ".observations"))


def differences(old: object, new: object, path: str = "") -> Iterator[tuple[str, float]]:
    """Paths, and how far apart what is there; infinite where it is no array of numbers."""
    if isinstance(old, dict) and isinstance(new, dict) and old.keys() == new.keys():
        for key in old:
            yield from differences(old[key], new[key], f"{path}.{key}")
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for i, pair in enumerate(zip(old, new)):
            yield from differences(*pair, f"{path}[{i}]")
    elif old != new and is_array(path):
        a, b = (np.frombuffer(base64.b64decode(str(text)), dtype="<f8") for text in (old, new))
        if a.shape != b.shape:
            yield path, INF
            return
        scale = np.maximum(1.0, np.abs(a))
        early = np.arange(len(a)) < 0.8 * len(a)
        error = np.abs(a - b) / scale
        yield path, float(np.max(np.where(early, 100 * error, error)))
    elif old != new:
        yield path, INF


def check(names: list[str]) -> int:
    drifted = False
    for name in names:
        committed = json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))
        made_with = committed.pop("versions")
        found = list(differences(committed, json.loads(json.dumps(make(name)))))
        wrong = [path for path, distance in found if not distance < 1e-6]
        steps = sum(episode["steps"] for s in committed["sessions"] for episode in s["episodes"])
        print(f"{name}.json: {steps} steps, {len(wrong)} different (committed with {made_with})", flush=True)
        for path in wrong[:10]:
            print(f"  {path}")
        drifted = drifted or bool(wrong)
    print(f"this run: {versions()}")
    return 1 if drifted else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare with the committed files")
    parser.add_argument("--long", metavar="FOLDER", type=Path, help="write long trajectories into this folder")
    parser.add_argument("--task", choices=TASKS, help="of this task only")
    arguments = parser.parse_args()
    tasks = list(TASKS) if arguments.task is None else [arguments.task]
    if arguments.check:
        sys.exit(check(tasks))
    for task in tasks:
        if arguments.long is None:
            write(HERE, task, make(task))
        else:
            write(arguments.long, task, make_long(task))
