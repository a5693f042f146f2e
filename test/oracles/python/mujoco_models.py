"""
Small MuJoCo models, each in a folder of its own, and what native MuJoCo makes of them.

    mujoco_models.py FOLDER     writes FOLDER/<name>/… and FOLDER/native.json: of each model its main file, and either
                                MuJoCo's refusal or masses, sizes, the state after 50 steps and the warnings on the way
"""

from __future__ import annotations

import json
import os
import sys
from base64 import b64encode
from pathlib import Path

import model_files as make
import mujoco
import numpy as np
from model_table import GROUPS, Content, meshed

STEPS = 50

MAIN_FILES = ("model.xml", "xml/model.xml", "model.urdf")


def write(folder: Path, contents: dict[str, Content]) -> Path:
    for name, content in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return next(folder / name for name in MAIN_FILES if name in contents)


def linked(root: Path) -> dict[str, Path]:
    """Models behind links, which the table cannot write."""
    real = write(root / "linked-real", {"model.xml": meshed("../linked-real/m/a.stl"), "m/a.stl": make.stl()})
    folder = root / "linked-folder"
    folder.symlink_to(real.parent, target_is_directory=True)
    mesh_folder = write(root / "linked-mesh", {"model.xml": meshed("m/a.stl")}).parent
    (mesh_folder / "m").symlink_to(real.parent / "m", target_is_directory=True)
    beside = write(root / "linked-main", {"a.stl": make.stl(), "model.xml": ""})
    beside.unlink()
    # What it names lies beside the link, and other than beside its target.
    target = write(root / "linked-target", {"model.xml": meshed("a.stl"), "a.stl": make.stl(0.4)})
    beside.symlink_to(target)
    return {
        "linked-folder": folder / "model.xml",
        "linked-mesh": mesh_folder / "model.xml",
        "linked-main": beside,
    }


def control(step: int, actuators: int) -> np.ndarray:
    """The same numbers in float32 in both languages."""
    return (((7 * step + 3 * np.arange(actuators)) % 11) * 0.0625 - 0.25).astype(np.float32)


def encode(values: np.ndarray) -> str:
    return b64encode(np.asarray(values, dtype="<f8").tobytes()).decode()


def simulate(main: Path) -> dict[str, object]:
    try:
        model = mujoco.MjModel.from_xml_path(str(main))
    except ValueError as error:
        return {"error": str(error)}
    data = mujoco.MjData(model)
    warned = np.zeros(mujoco.mjtWarning.mjNWARNING, dtype=int)
    for step in range(STEPS):
        data.ctrl[:] = control(step, model.nu)
        mujoco.mj_step(model, data)
        mujoco.mj_rnePostConstraint(model, data)
        mujoco.mj_forward(model, data)
        # MuJoCo clears its counters when it resets a simulation by itself.
        for kind, stat in enumerate(data.warning):
            warned[kind] += stat.number
            stat.number = 0
    state = {name: encode(getattr(data, name)) for name in ("qpos", "qvel", "act", "sensordata", "xpos")}
    textures = np.frombuffer(model.tex_data.tobytes(), dtype=np.uint8)
    return {
        "mass": encode(model.body_mass),
        "textures": encode(textures),
        "heights": encode(model.hfield_data),
        "range": encode(model.actuator_ctrlrange.ravel()),
        **state,
        "warnings": warned.tolist(),
    }


def main() -> None:
    # MuJoCo writes its log into the current folder.
    root = Path(sys.argv[1]).resolve()
    os.chdir(root)
    mains = {name: write(root / name, contents) for group in GROUPS for name, contents in group(root).items()} | linked(
        root
    )
    results = [{"name": name, "main": str(path), **simulate(path)} for name, path in mains.items()]
    (root / "native.json").write_text(json.dumps({"version": mujoco.__version__, "steps": STEPS, "models": results}))
    print(f"{len(results)} models")


if __name__ == "__main__":
    main()
