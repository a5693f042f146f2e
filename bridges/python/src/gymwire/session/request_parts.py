"""What requests say of single environments, to whatever kind of group: seeds, a mask, indices."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from gymwire.errors import GymwireError
from gymwire.v1 import env_service_pb2 as pb


def seeds_for(request: pb.ResetRequest, count: int) -> list[int | None]:
    """Raises GymwireError INVALID_ARGUMENT."""
    if request.WhichOneof("seeding") == "seeds":
        seeds = request.seeds.seeds
        if len(seeds) != count:
            raise GymwireError("INVALID_ARGUMENT", f"reset: expected {count} seeds, got {len(seeds)}")
        return [one.seed if one.HasField("seed") else None for one in seeds]
    if request.WhichOneof("seeding") != "seed":
        return [None] * count
    # Before any environment is reset: a request that fails changes nothing.
    if request.seed + count > 2**64:
        raise GymwireError(
            "INVALID_ARGUMENT",
            f"reset: environment {count - 1} gets seed + {count - 1}, which must be below 2^64; "
            f"got seed {request.seed}",
        )
    return [request.seed + index for index in range(count)]


def mask_for(request: pb.ResetRequest, unborn: Sequence[bool], *, may_name_none: bool = False) -> list[bool]:
    """
    Raises GymwireError INVALID_ARGUMENT; NOT_RESET where it leaves one out that has no observation yet.

    :param unborn: which environments have none
    :param may_name_none: of a part of a session, where others are named
    """
    count = len(unborn)
    if len(request.mask) == 0:
        return [True] * count
    mask = list(request.mask)
    if len(mask) != count or not (any(mask) or may_name_none):
        got = "one that names none" if len(mask) == count else f"one of {len(mask)}"
        raise GymwireError("INVALID_ARGUMENT", f"reset: expected a mask of {count} environments, got {got}")
    for index, is_unborn in enumerate(unborn):
        if not mask[index] and is_unborn:
            raise GymwireError(
                "NOT_RESET",
                f"reset: environment {index} has not been reset yet, so the mask must name it",
            )
    return mask


def indices_for(what: str, named: Sequence[int], count: int) -> list[int]:
    """Of the environments that a call or a read names. Raises GymwireError INVALID_ARGUMENT."""
    indices = list(named) or list(range(count))
    if indices[-1] >= count or any(index >= after for index, after in pairwise(indices)):
        raise GymwireError(
            "INVALID_ARGUMENT", f"{what}: expected indices of {count} environments, ascending, got {indices}"
        )
    return indices
