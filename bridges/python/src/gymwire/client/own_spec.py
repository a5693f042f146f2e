"""What Gymnasium's `spec` says of a remote environment, and what `gymnasium.make` was told of its time limit."""

from __future__ import annotations

import copy
import sys
from typing import Any

from gymnasium.envs.registration import EnvSpec

from gymwire.errors import GymwireError
from gymwire.v1 import env_service_pb2 as pb

NO_LIMIT = -1


def limit_of_make() -> int | None:
    """
    `max_episode_steps` of the gymnasium.make that calls the constructor, which calls this; None where none does, or was
    told nothing. `make` keeps it to itself, for a wrapper around the environment, so that the server would go on with
    its own limit; -1, no limit, is told to nobody. So it is read where it is.

    Raises GymwireError INVALID_ARGUMENT for 0, which `make` refuses later, when a session is there.
    """
    frame = sys._getframe(2)
    if frame.f_code.co_name != "make" or frame.f_globals.get("__name__") != "gymnasium.envs.registration":
        return None
    limit = frame.f_locals.get("max_episode_steps")
    if limit is None:
        # Of a spec that is made again.
        return getattr(frame.f_locals.get("env_spec"), "max_episode_steps", None)
    if limit == 0:
        raise GymwireError("INVALID_ARGUMENT", "max_episode_steps: gymnasium.make takes -1 for no limit, got 0")
    return limit


def with_limit(given: EnvSpec | None, remote: pb.EnvSpec) -> EnvSpec | None:
    """
    The spec that Gymnasium gave, with the limit that the server keeps. Made again, it makes the same environment, also
    where there is no limit.
    """
    if given is None:
        return None
    spec = copy.deepcopy(given)
    if remote.HasField("max_episode_steps"):
        spec.max_episode_steps = remote.max_episode_steps
    else:
        spec.kwargs = {**spec.kwargs, "max_episode_steps": NO_LIMIT}
    return spec


class HasOwnSpec:
    """Of both kinds of remote environments. Gymnasium sets `spec` when it has made them."""

    _session: Any
    _given_spec: EnvSpec | None = None

    @property
    def spec(self) -> EnvSpec | None:
        """Gymnasium's, with the server's time limit. None where gymnasium.make did not make this."""
        return self._given_spec

    @spec.setter
    def spec(self, given: EnvSpec | None) -> None:
        self._given_spec = with_limit(given, self._session.description.spec)
