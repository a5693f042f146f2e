"""Arrays of whatever library, on whatever device, as NumPy's: one copy to the host, and none where they are there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gymwire.codec.values import plain_of


def on_host(value: Any) -> Any:
    """
    An array, with its dtype; what is none comes back as it is. No library is imported for it.

    Raises what the library raises where it cannot hand it over (bfloat16 of torch, for one).
    """
    if isinstance(value, (np.ndarray, np.generic)) or value is None or isinstance(value, (str, bytes, Mapping)):
        return value
    kind = type(value)
    if hasattr(kind, "detach") and hasattr(kind, "cpu") and hasattr(kind, "numpy"):
        # Torch: its `__array__` refuses what lies on another device, or has gradients.
        return value.detach().cpu().numpy()
    if hasattr(kind, "__cuda_array_interface__") and hasattr(kind, "get"):
        # CuPy: its `__array__` refuses always.
        return value.get()
    if isinstance(value, (tuple, list)):
        return value
    if not hasattr(kind, "__array__") and hasattr(kind, "__dlpack__"):
        return np.from_dlpack(value)
    plain = plain_of(value)
    return value if plain is None else plain
