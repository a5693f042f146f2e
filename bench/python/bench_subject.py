"""The Python end of a subject: see bench/src/support/subject.ts."""

import json
import os
import sys
import time

MARK = "#bench "

# Libraries print to stdout too. What they print goes to stderr; the real stdout is ours alone.
_out = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)


def _say(message):
    _out.write(MARK + json.dumps(message) + "\n")
    _out.flush()


def introduce(version, includes, differs=""):
    _say({"kind": "ready", "version": version, "includes": includes, "differs": differs})


def say_missing(reason):
    _say({"kind": "missing", "reason": reason})
    sys.exit()


def answer(seconds, cpu_seconds, **extra):
    _say({"kind": "interval", "seconds": seconds, "cpuSeconds": cpu_seconds, "extra": extra})


def answer_series(nanoseconds):
    """Every single call of a request."""
    _say({"kind": "interval", "seconds": sum(nanoseconds) / 1e9, "cpuSeconds": 0, "series": nanoseconds})


def say_port(port):
    """Of a server that a subject has started for itself."""
    _out.write(f"{port}\n")
    _out.flush()


def next_request():
    """Waits for the bench; ends the process when there is nothing more to do."""
    line = sys.stdin.readline()
    if not line:
        _out.flush()
        os._exit(0)
    return json.loads(line)


def threads():
    return int(os.environ.get("GYMWIRE_BENCH_THREADS", "1"))


def serve_requests(unit):
    """Answers each request with what `count` calls of `unit` take."""
    while True:
        count = next_request()["count"]
        cpu, start = time.process_time(), time.perf_counter()
        for _ in range(count):
            unit()
        answer(time.perf_counter() - start, time.process_time() - cpu)


class Gate:
    """Lets steps pass and counts them; closed when a request's steps are done, until the next request."""

    def __init__(self, free_steps):
        self._left = free_steps
        self._introduction = None
        self._start = None

    def introduce_when_closed(self, *introduction):
        self._introduction = introduction

    def step(self):
        """To be called before each step."""
        if self._left == 0:
            self._close()
        self._left -= 1

    def _close(self):
        if self._start is None:
            introduce(*self._introduction)
        else:
            cpu, start = self._start
            answer(time.perf_counter() - start, time.process_time() - cpu)
        self._left = next_request()["count"]
        self._start = time.process_time(), time.perf_counter()
