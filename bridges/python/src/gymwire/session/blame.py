"""Where a simulator's exception comes from: for the client a file and a line, for the operator's log the traceback."""

from __future__ import annotations

import sysconfig
import traceback
from pathlib import Path
from types import TracebackType

from gymwire.errors import GymwireError, describe_exception

_OWN_CODE = str(Path(__file__).resolve().parent)
_PACKAGE = str(Path(__file__).resolve().parents[1])
_LIBRARIES = (_PACKAGE, *{sysconfig.get_paths()[name] for name in ("stdlib", "purelib", "platlib")})


def blamed(error: GymwireError) -> GymwireError:
    """With the file and line that raised it at the end of the message, where a simulator's exception is the cause."""
    place = _place_of(error.__cause__)
    if error.code != "ENV_FAILED" or place is None:
        return error
    told = GymwireError(error.code, f"{error.message} ({place})", error.details)
    told.__cause__ = error.__cause__
    return told


def report(error: GymwireError, *, with_message: bool) -> str:
    """
    The traceback of the exception that caused it; empty without one.

    :param with_message: False leaves out what the exceptions say, which may be text of the client
    """
    cause = error.__cause__
    if cause is None:
        return ""
    parts = []
    while cause is not None:
        last = describe_exception(cause) if with_message else type(cause).__name__
        parts.append("".join([*traceback.format_list(_foreign(cause.__traceback__)), last]))
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return "\ncaused by\n".join(["Traceback (most recent call last):\n" + parts[0], *parts[1:]])


def _place_of(thrown: BaseException | None) -> str | None:
    """The innermost line that is not of a library, as `my_sim/arm.py:12 in step`; else the innermost one."""
    frames = [] if thrown is None else _foreign(thrown.__traceback__)
    if not frames:
        return None
    users = [frame for frame in frames if not frame.filename.startswith((*_LIBRARIES, "<"))]
    frame = (users or frames)[-1]
    # Not the whole path: how the operator's disk is laid out is nobody's business.
    return f"{'/'.join(Path(frame.filename).parts[-2:]).lstrip('/')}:{frame.lineno} in {frame.name}"


def _foreign(start: TracebackType | None) -> list[traceback.FrameSummary]:
    """Without the frames that lead from here to the simulator."""
    frames = traceback.extract_tb(start)
    while frames and frames[0].filename.startswith(_OWN_CODE):
        frames = traceback.StackSummary.from_list(frames[1:])
    return list(frames)
