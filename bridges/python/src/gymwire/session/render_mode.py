"""Render modes, as an environment that was made tells them: factories are often functions, which tell nothing."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from gymwire.errors import GymwireError

#: The wire carries rgb pictures.
RGB_ARRAY = "rgb_array"


def takes_render_mode(make: Callable[..., Any]) -> bool:
    """Whether `make` can be called with it. What has no signature is given it."""
    try:
        parameters = inspect.signature(make).parameters
    except (TypeError, ValueError):
        return True
    return "render_mode" in parameters or any(one.kind is one.VAR_KEYWORD for one in parameters.values())


def attribute_of(env: Any, name: str) -> Any:
    """None where there is none: a `__getattr__` may raise anything for what it does not know."""
    try:
        return getattr(env, name, None)
    except Exception:  # noqa: BLE001
        return None


def modes_of(env: Any) -> list[str]:
    """Of those that travel."""
    metadata = attribute_of(env, "metadata")
    listed = metadata.get("render_modes") if isinstance(metadata, Mapping) else None
    return [RGB_ARRAY] if attribute_of(env, "render_mode") == RGB_ARRAY or RGB_ARRAY in (listed or ()) else []


def check_render_mode(env: Any, mode: str) -> None:
    """Raises GymwireError UNSUPPORTED for an environment that was asked to draw, and does not."""
    if attribute_of(env, "render") is None:
        raise GymwireError("UNSUPPORTED", f"no render mode {mode}: the environment has no method render")
    # A plain class that keeps no such attribute is believed what its metadata list.
    own = getattr(env, "render_mode", mode if mode in modes_of(env) else None)
    if own != mode:
        raise GymwireError("UNSUPPORTED", f"no render mode {mode}: the environment that was made has the mode {own}")
