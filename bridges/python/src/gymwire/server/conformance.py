"""gymwire/Conformance-v0 as a server offers it, when it is told to."""

from __future__ import annotations

from gymwire.conformance_env import CONFORMANCE_ID, ConformanceEnv
from gymwire.server.arguments import ArgumentSpec
from gymwire.server.env_registration import EnvRegistration

CONFORMANCE_ENV: tuple[str, EnvRegistration] = (
    CONFORMANCE_ID,
    EnvRegistration(
        make=ConformanceEnv,
        description="Counts steps and resets, and ends, fails and waits as told: for conformance tests.",
        max_episode_steps=1000,
        reward_threshold=0.0,
        render_modes=("rgb_array",),
        render_fps=25.0,
        methods=("echo",),
        attributes=("echoes", "steps"),
        arguments=(
            ArgumentSpec("info", "bool", True, description="infos with content; else all are empty"),
            ArgumentSpec(
                "terminate_after",
                "int",
                0,
                minimum=0,
                maximum=1_000_000,
                description="steps until an episode terminates; 0: only as told",
            ),
            ArgumentSpec("reward_scale", "float", 1.0, minimum=-1000, maximum=1000, description="factor of the reward"),
            ArgumentSpec(
                "observation",
                "string",
                "counts",
                choices=("counts", "echo", "image"),
                description="what observations are",
            ),
            ArgumentSpec(
                "offsets",
                "float-list",
                [0.0, 0.5],
                minimum=-1e6,
                maximum=1e6,
                length=2,
                description="shown in the info of a reset",
            ),
        ),
    ),
)
