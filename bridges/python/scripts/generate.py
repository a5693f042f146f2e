"""Writes the messages of proto/ as Python modules; with --check only compares them with the committed ones.

Run by the interpreter of the oracle tests, whose grpcio-tools is pinned: another compiler writes other files.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from grpc_tools import protoc

BRIDGE = Path(__file__).resolve().parents[1]
PROTO = BRIDGE.parents[1] / "proto"
TARGET = BRIDGE / "src" / "gymwire" / "v1"


def generate(folder: Path) -> None:
    sources = sorted(path.relative_to(PROTO).as_posix() for path in PROTO.glob("gymwire/v1/*.proto"))
    arguments = ["protoc", f"-I{PROTO}", f"--python_out={folder}", f"--pyi_out={folder}", *sources]
    code = protoc.main(arguments)
    if code != 0:
        raise SystemExit(f"protoc exited with {code}")


def main() -> int:
    with tempfile.TemporaryDirectory() as scratch:
        generate(Path(scratch))
        fresh = {path.name: path.read_text(encoding="utf-8") for path in (Path(scratch) / "gymwire" / "v1").iterdir()}
    if "--check" not in sys.argv[1:]:
        for name, text in fresh.items():
            (TARGET / name).write_text(text, encoding="utf-8", newline="\n")
    present = {
        path.name: path.read_text(encoding="utf-8")
        for path in TARGET.iterdir()
        if path.suffix in {".py", ".pyi"} and path.name != "__init__.py"
    }
    differing = sorted(name for name in fresh.keys() | present.keys() if fresh.get(name) != present.get(name))
    for name in differing:
        print(f"{name} is not what proto/ says: run scripts/generate.py")  # noqa: T201
    print(f"{len(fresh)} generated files, {len(differing)} different")  # noqa: T201
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
