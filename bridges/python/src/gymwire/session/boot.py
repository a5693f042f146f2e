"""How a process with environments is started: by a server, and by the process of a session that has several."""

from __future__ import annotations

import json
import sys

# With the server's own module path: what its factories need may lie where only this process looks. `-c` and not
# multiprocessing: the operator's script is never imported a second time, so it needs no `if __name__` guard.
_BOOT = "import json, sys; sys.path[:] = json.loads(sys.argv.pop(1)); from gymwire.session.worker import main; main()"


def boot_command() -> list[str]:
    return [sys.executable, "-c", _BOOT, json.dumps(sys.path)]
