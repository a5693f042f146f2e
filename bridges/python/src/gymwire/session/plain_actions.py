"""Actions of many environments, checked at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium import spaces

from gymwire.codec.spaces import Space


def plain_actions(space: Space, batch: Any, count: int, *, bounds: bool) -> list[Any] | None:
    """
    One action an environment, as it goes to the simulator, where the batch is as its space says and nothing is wrong
    with it. None: it is to be looked at environment by environment, which also finds out what to say.

    :param bounds: values outside a Box are wrong, too
    """
    if not isinstance(batch, np.ndarray):
        return None
    if isinstance(space, spaces.Box) and space.shape:
        if batch.dtype != space.dtype or batch.shape != (count, *space.shape):
            return None
        if batch.dtype.kind == "f" and np.count_nonzero(np.isfinite(batch)) < batch.size:
            return None
        if bounds and np.count_nonzero((batch < space.low) | (batch > space.high)) > 0:
            return None
        return list(batch)
    if isinstance(space, spaces.Discrete):
        if batch.dtype.kind not in "iu" or batch.shape != (count,):
            return None
        if batch.min() < space.start or batch.max() >= space.start + space.n:
            return None
        return list(batch.astype(space.dtype))
    return None
