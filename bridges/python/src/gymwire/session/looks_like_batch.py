"""Single environments and simulators that are a batch are not told apart by their methods."""

from __future__ import annotations

from typing import Any

#: The module and name of the class that vector environments inherit from.
_VECTOR_ENV = ("gymnasium.vector.vector_env", "VectorEnv")


def looks_like_batch(made: Any) -> bool:
    """Of a class or an instance, whether it steps many environments at once. Imports nothing."""
    kind = made if isinstance(made, type) else type(made)
    if any((base.__module__, base.__name__) == _VECTOR_ENV for base in kind.__mro__):
        return True
    try:
        return all(hasattr(made, name) for name in ("num_envs", "single_observation_space", "single_action_space"))
    except Exception:  # noqa: BLE001 -- a `__getattr__` may raise anything for what it does not know
        return False
