"""Files that are shown to somebody or say whom to trust: tokens, keys, certificates."""

from __future__ import annotations

import os
import ssl
import stat
import sys
from pathlib import Path

from gymwire.errors import GymwireError


def read_trusted_file(name: str, path: str | Path) -> bytes:
    """
    A file that everybody can write is refused: who writes it says what is shown, or who is trusted.

    Raises GymwireError INVALID_ARGUMENT, also where it cannot be read. Windows has no such modes, and a pipe is who
    opened it.
    """
    try:
        with Path(path).open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            content = file.read()
    except OSError as error:
        raise GymwireError("INVALID_ARGUMENT", f"{name}: cannot read {path}: {error.strerror}") from error
    if sys.platform != "win32" and stat.S_ISREG(mode) and mode & stat.S_IWOTH:
        reason = f"everybody on this machine can write {path}, and so say what is shown or who is trusted: chmod o-w it"
        raise GymwireError("INVALID_ARGUMENT", f"{name}: {reason}")
    return content


def read_authorities(name: str, path: str | Path) -> bytes:
    """
    Whose signatures are trusted, as PEM. Of anything else gRPC would only say that no certificate can be verified.

    Raises GymwireError INVALID_ARGUMENT, as `read_trusted_file` does too.
    """
    content = read_trusted_file(name, path)
    try:
        # What stands between the certificates may be in any script.
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=content.decode("ascii", "ignore"))
    except (ssl.SSLError, ValueError) as error:
        raise GymwireError("INVALID_ARGUMENT", f"{name}: expected certificates as PEM in {path}: {error}") from error
    return content
