"""What is written for Ray fits Ray's own types, which the other tests' interpreter does not have."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

BRIDGE = Path(__file__).resolve().parents[1]


def test_types_hold_where_ray_is_installed():
    command = [sys.executable, "-m", "mypy", "--cache-dir", "/dev/null"]
    result = subprocess.run(command, cwd=BRIDGE, capture_output=True, text=True, check=False, timeout=600)
    assert result.returncode == 0, result.stdout + result.stderr


def test_without_ray_the_package_imports_and_the_command_says_what_is_missing():
    program = """
import importlib.util, sys
import gymwire, gymwire.ray.__main__ as command

importlib.util.find_spec = lambda name: None
assert not {"ray", "cryptography", "yaml"} & set(sys.modules)
sys.exit(command.main(["down"]))
"""
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=120)
    assert (result.returncode, 'pip install "gymwire[ray]"' in result.stderr) == (2, True), result.stderr
