"""The package itself: generated files are fresh, types hold, nothing is left that a linter finds."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BRIDGE = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize(
    "arguments",
    [
        ["scripts/generate.py", "--check"],
        ["-m", "mypy"],
        ["-m", "ruff", "check", "--no-cache", "."],
        ["-m", "ruff", "format", "--check", "--no-cache", "."],
    ],
    ids=lambda arguments: " ".join(arguments[:3]),
)
def test_it_is_clean(arguments):
    result = subprocess.run(
        [sys.executable, *arguments], cwd=BRIDGE, capture_output=True, text=True, check=False, timeout=300
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_a_session_process_needs_no_grpc():
    program = "import sys, gymwire.session.worker; print([name for name in sys.modules if name.startswith('grpc')])"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)
    assert result.stdout.strip() == "[]"
