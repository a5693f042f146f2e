"""Calls of a driver that answered with a future: what failed, or never comes to its end, is told."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from gymwire.errors import describe_exception


class PendingCalls:
    def __init__(self, limit_ms: float) -> None:
        """:param limit_ms: how long a call may take"""
        self._limit_ms = limit_ms
        # The oldest first: the future, since when, and who is told.
        self._pending: list[tuple[Future[Any], float, Callable[[str], None]]] = []

    def add(self, result: object, now_ms: float, on_fault: Callable[[str], None]) -> None:
        if isinstance(result, Future):
            self._pending.append((result, now_ms, on_fault))

    def look(self, now_ms: float) -> None:
        """Tells what failed, and of the oldest call when it took too long; then calls start anew."""
        if not self._pending:
            return
        pending, self._pending = self._pending, []
        for future, since_ms, on_fault in pending:
            if not future.done():
                if now_ms - since_ms > self._limit_ms:
                    self._pending = []
                    on_fault(f"it has not come to its end for {now_ms - since_ms:.0f} ms")
                    return
                self._pending.append((future, since_ms, on_fault))
            elif future.cancelled():
                on_fault("it was cancelled")
            elif (error := future.exception()) is not None:
                on_fault(describe_exception(error))


def refuse_awaitable(result: object, name: str) -> None:
    """
    What an `async def` gives does nothing until somebody awaits it, and nobody does.

    Raises TypeError.
    """
    if not inspect.isawaitable(result):
        return
    if inspect.iscoroutine(result):
        result.close()
    raise TypeError(f"{name} must not be async: it is called, and nobody awaits what it gives")
