"""What a control loop has to do with the cell that it shares with other processes; without one it is alone."""

from __future__ import annotations

import contextlib
import logging

from gymwire.robot.cell import RobotCell

_log = logging.getLogger("gymwire.robot")


class CellLink:
    def __init__(self, cell: RobotCell | None) -> None:
        self._cell = cell
        #: Whether this process may command the robot. With a cell it says nothing before its first reset.
        self.has_robot = cell is None
        #: Whether the cell knows of the emergency stop, so that whoever clears it there clears it here.
        self._knows_stop = False
        #: What the cell shows the operator, who takes it away.
        self._shown: str | None = None

    def take(self) -> bool:
        """Whether no other process has the robot now."""
        if not self.has_robot and self._cell is not None:
            self.has_robot = self._cell.take()
            if self.has_robot:
                # Of a process that died while it waited for a person.
                with contextlib.suppress(OSError):
                    self._cell.confirm()
        return self.has_robot

    def give_up(self) -> None:
        if self._cell is not None:
            self.has_robot = False
            self._cell.give_up()

    @property
    def is_wanted(self) -> bool:
        """Whether this process has the robot and another one waits for it."""
        return self._cell is not None and self.has_robot and self._cell.is_wanted

    def look(self) -> tuple[str | None, bool]:
        """Why the cell is stopped, and whether its stop was cleared, by an operator in a process of their own."""
        if self._cell is None:
            return None, False
        reason = self._cell.emergency
        was_cleared = reason is None and self._knows_stop
        self._knows_stop = reason is not None
        return reason, was_cleared

    def tell_stop(self, reason: str) -> None:
        """All sessions are stopped, until the operator clears it."""
        if self._cell is None or self._knows_stop:
            return
        try:
            self._cell.emergency_stop(reason)
            self._knows_stop = True
        except OSError as error:
            _log.error("the cell was not told of the emergency stop: %s", error)

    def show(self, instruction: str | None) -> None:
        """What a person is to do; None: nothing any more."""
        if self._cell is None or instruction == self._shown:
            return
        self._shown = instruction
        try:
            if instruction is None:
                self._cell.confirm()
            else:
                self._cell.instruct(instruction)
        except OSError as error:
            self._shown = None
            _log.error("the cell was not told that the reset waits for a person: %s", error)

    def was_confirmed(self) -> bool:
        """Whether an operator, in a process of their own, did what is shown; once."""
        if self._cell is None or self._shown is None or self._cell.instruction is not None:
            return False
        self._shown = None
        return True

    def clear_stop(self) -> None:
        if self._cell is not None:
            self._cell.clear_emergency_stop()
            self._knows_stop = False
