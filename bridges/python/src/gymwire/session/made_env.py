"""Is what a factory returned an environment?"""

from __future__ import annotations

from typing import Any

from gymwire.errors import GymwireError
from gymwire.session.looks_like_batch import looks_like_batch
from gymwire.session.render_mode import attribute_of
from gymwire.session.space_member import describe_value

_NEEDED = ("observation_space", "action_space", "reset", "step")


def check_made(env: Any) -> None:
    """Raises GymwireError ENV_FAILED, with what to do."""
    if looks_like_batch(env):
        raise GymwireError(
            "ENV_FAILED",
            f"the factory made a {type(env).__name__}, which steps many environments at once: register it with "
            "gymwire.VectorEnvRegistration(make), or serve it with --vector",
        )
    missing = [name for name in _NEEDED if attribute_of(env, name) is None]
    if not missing:
        return
    if len(missing) == len(_NEEDED):
        got = f"{describe_value(env)}{' (does it end without return?)' if env is None else ''}"
    else:
        got = f"a {type(env).__name__} without {', '.join(missing)}"
    expected = f"{', '.join(_NEEDED[:-1])} and {_NEEDED[-1]}"
    raise GymwireError("ENV_FAILED", f"the factory returned {got}: expected an environment with {expected}")
