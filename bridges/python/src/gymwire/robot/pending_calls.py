"""Calls of a driver that answered with a future: what failed, or never comes to its end, is told."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from gymwire.errors import describe_exception
from gymwire.robot.clock import whole_ms


@dataclass(eq=False)
class _Pending:
    future: Future[Any]
    since_ms: float
    on_fault: Callable[[str], None]

    @property
    def failure(self) -> str | None:
        """What it failed with, once it is done."""
        if self.future.cancelled():
            return "it was cancelled"
        error = self.future.exception()
        return None if error is None else describe_exception(error)


class PendingCalls:
    def __init__(self, limit_ms: float, do_soon: Callable[[Callable[[], None]], None]) -> None:
        """
        :param limit_ms: how long a call may take
        :param do_soon: calls in the loop's turn, and not in the thread in which a future comes to its end
        """
        self._limit_ms = limit_ms
        self._do_soon = do_soon
        # The oldest first.
        self._pending: list[_Pending] = []

    def add(self, result: object, now_ms: float, on_fault: Callable[[str], None]) -> None:
        if isinstance(result, Future):
            call = _Pending(result, now_ms, on_fault)
            self._pending.append(call)
            if result.done():
                self._finish(call)
            else:
                result.add_done_callback(lambda _: self._note(call))

    def look(self, now_ms: float) -> None:
        """Tells of the oldest call when it took too long. All are forgotten then: later ones start anew."""
        self._pending = [call for call in self._pending if not call.future.done() or call.failure is not None]
        oldest = next((call for call in self._pending if not call.future.done()), None)
        if oldest is not None and now_ms - oldest.since_ms > self._limit_ms:
            self._pending = []
            oldest.on_fault(f"it has not come to its end for {whole_ms(now_ms - oldest.since_ms)} ms")

    def _note(self, call: _Pending) -> None:
        # In whichever thread it came to its end. What succeeded is forgotten with the next look.
        if call.failure is not None:
            self._do_soon(lambda: self._finish(call))

    def _finish(self, call: _Pending) -> None:
        # One that was told already is told once.
        if call not in self._pending:
            return
        self._pending.remove(call)
        if call.failure is not None:
            call.on_fault(call.failure)


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
