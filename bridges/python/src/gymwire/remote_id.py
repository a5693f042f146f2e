"""`import gymwire` makes "gymwire/Remote-v0" known to Gymnasium; so does the id "gymwire:gymwire/Remote-v0"."""

from __future__ import annotations

REMOTE_ID = "gymwire/Remote-v0"


def register_envs() -> None:
    """A second call does nothing."""
    from gymnasium.envs.registration import register, registry

    if REMOTE_ID not in registry:
        register(
            id=REMOTE_ID,
            entry_point="gymwire.client.remote_env:RemoteEnv",
            vector_entry_point="gymwire.client.remote_vector_env:RemoteVectorEnv",
            # Order and limits are the server's. Gymnasium's checker would compare every value a second time.
            order_enforce=False,
            disable_env_checker=True,
        )
