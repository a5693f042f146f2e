"""
Plays gymwire/Conformance-v0, which counts, and says as JSON how many steps were carried out, each once, or with which
code the environment was refused. The argument is JSON: `steps`, and options of `gymwire.RemoteEnv`.
"""

from __future__ import annotations

import json
import sys

import gymwire


def play(steps: int, address: str, **options: object) -> dict[str, object]:
    try:
        env = gymwire.RemoteEnv(address, "gymwire/Conformance-v0", max_episode_steps=0, **options)
    except gymwire.GymwireError as error:
        return {"code": error.code}
    env.reset(seed=1)
    for step in range(1, steps + 1):
        observation, *_ = env.step([0, 0])
        if observation[1:4].tolist() != [step, step, 1]:
            raise AssertionError(f"step {step} is the environment's {observation[1:4]}")
    env.close()
    return {"steps": steps}


print(json.dumps(play(**json.loads(sys.argv[1]))))
