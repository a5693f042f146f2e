"""Numbers of requests. See docs/protocol.md, "Sequence numbers"."""

_LAST = 2**32 - 1


def next_sequence(sequence: int) -> int:
    """1 follows 0 and 2^32 - 1 (0 means unnumbered)."""
    return 1 if sequence == _LAST else sequence + 1
