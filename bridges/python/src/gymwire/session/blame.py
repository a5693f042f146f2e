"""Where a simulator's exception comes from: for the client a file and a line, for the operator's log the traceback."""

from __future__ import annotations

import sysconfig
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from gymwire.errors import GymwireError, describe_exception

_OWN_CODE = str(Path(__file__).resolve().parent)
_PACKAGE = str(Path(__file__).resolve().parents[1])
#: Causes of causes; more are left out, also where an exception is its own cause.
_MAX_CAUSES = 10
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
    parts = []
    for cause in _causes_of(error):
        last = describe_exception(cause) if with_message else type(cause).__name__
        parts.append("".join([*traceback.format_list(_foreign(cause.__traceback__)), last]))
    if not parts:
        return ""
    return "\ncaused by\n".join(["Traceback (most recent call last):\n" + parts[0], *parts[1:]])


def _causes_of(error: BaseException) -> Iterator[BaseException]:
    """The innermost last, each once: `raise e from e` is its own cause."""
    seen: set[int] = set()
    cause = error.__cause__
    while cause is not None and id(cause) not in seen and len(seen) < _MAX_CAUSES:
        seen.add(id(cause))
        yield cause
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)


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
