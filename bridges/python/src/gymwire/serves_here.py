"""Whether this process has a server of ours in it, which some of what clients do has to bear in mind."""

from __future__ import annotations

_serves = False


def begin_serving() -> None:
    """For good: gRPC's thread of servers stays."""
    global _serves
    _serves = True


def serves_here() -> bool:
    return _serves
