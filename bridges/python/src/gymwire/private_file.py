"""Files that hold a secret: the user's alone from their first byte on, and never half-written."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def write_private_file(path: Path, content: bytes) -> None:
    """Mode 0600; replaces the file in one go. Raises OSError."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
