"""Where an environment is in Gymnasium's order, which says what may come next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

_PHASES = ("new", "running", "ended", "failed")
_UNBORN = 8


class SlotState:
    def __init__(self, autoreset_mode: str) -> None:
        self._autoreset_mode = autoreset_mode
        #: new, running, ended or failed
        self.phase = "new"

    @property
    def ignores_action(self) -> bool:
        """next-step autoreset: the coming step only resets."""
        return self.phase == "ended" and self._autoreset_mode == "next-step"

    @property
    def obstacle(self) -> str | None:
        """Why a step is not possible now."""
        if self.phase == "new":
            return "has not been reset yet"
        if self.phase == "failed":
            return "failed; reset it first"
        if self.phase == "ended" and not self.ignores_action:
            return "has ended its episode; reset it first"
        return None

    @property
    def is_unborn(self) -> bool:
        """It has no observation yet."""
        raise NotImplementedError


class DistantState(SlotState):
    """Of an environment in another process, as that tells after each request."""

    def __init__(self, autoreset_mode: str) -> None:
        super().__init__(autoreset_mode)
        self._is_unborn = True
        self._is_lost = False

    @property
    def is_unborn(self) -> bool:
        return self._is_unborn

    def lose(self) -> None:
        """What it returned cannot be told: only a reset helps, whatever its process believes."""
        self._is_lost = True
        self.phase = "failed"

    def find(self) -> None:
        """It was reset."""
        self._is_lost = False

    def learn(self, told: int) -> None:
        self._is_unborn = told & _UNBORN != 0
        self.phase = "failed" if self._is_lost else _PHASES[told & ~_UNBORN]


def tell_states(states: Iterable[SlotState]) -> bytes:
    """A byte for each, which `DistantState.learn` reads."""
    return bytes(_PHASES.index(one.phase) | (_UNBORN if one.is_unborn else 0) for one in states)


def states_differ(told: bytes, states: Sequence[SlotState]) -> bool:
    """Whether so many bytes cannot be those of so many environments."""
    return len(told) != len(states) or any(byte & ~_UNBORN >= len(_PHASES) for byte in told)
