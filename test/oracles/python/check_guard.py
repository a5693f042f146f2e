"""What others' runtimes make of observations that are not finite: a policy.onnx must answer NaN, and only to these.

    python check_guard.py policy.onnx

Runs the file in ONNX Runtime at each level of optimisation, in ONNX's reference evaluator and in OpenVINO at each
precision, on a batch in which every other row has NaN or an infinity somewhere. Rows between must be what they are
in a batch without these, and every bit of an action what the graph gives without its guard.
Prints a line a runtime; exit code 1 where one differs.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np
import onnx
import onnxruntime
import openvino
from onnx.reference import ReferenceEvaluator

Run = Callable[[np.ndarray], np.ndarray]


def without_guard(model: onnx.ModelProto) -> onnx.ModelProto:
    bare = onnx.ModelProto()
    bare.CopyFrom(model)
    nodes = bare.graph.node
    guard = nodes.pop()
    if guard.op_type != "Add" or list(guard.input) != ["action.bounded", "observation.guard"]:
        raise SystemExit(f"expected a guard as the last node, got {guard.op_type} of {list(guard.input)}")
    nodes[-1].output[0] = "action"
    return bare


def runtimes(model: onnx.ModelProto) -> dict[str, Run]:
    content = model.SerializeToString()
    runs: dict[str, Run] = {}
    for level in ("DISABLE_ALL", "ENABLE_BASIC", "ENABLE_EXTENDED", "ENABLE_ALL"):
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = getattr(onnxruntime.GraphOptimizationLevel, f"ORT_{level}")
        session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        runs[f"onnxruntime {onnxruntime.__version__} {level}"] = lambda x, s=session: s.run(["action"], {"observation": x})[0]
    reference = ReferenceEvaluator(model)
    runs[f"onnx.reference {onnx.__version__}"] = lambda x: reference.run(["action"], {"observation": x})[0]
    core = openvino.Core()
    for settings in ({}, {"INFERENCE_PRECISION_HINT": "f32"}, {"INFERENCE_PRECISION_HINT": "bf16"}):
        compiled = core.compile_model(core.read_model(content), "CPU", settings)
        name = settings.get("INFERENCE_PRECISION_HINT", "by default")
        version = openvino.__version__.split("-")[0]
        runs[f"openvino {version} {name}"] = lambda x, c=compiled: c({"observation": x})[0].copy()
    return runs


def draw(size: int) -> tuple[np.ndarray, np.ndarray]:
    """Sound observations, and the same with a fault in every other one."""
    random = np.random.default_rng(20_261_128)
    faults = [(place, value) for place in range(size) for value in (np.nan, np.inf, -np.inf)]
    sound = random.standard_normal((2 * len(faults), size)) * 10.0 ** random.integers(-3, 4, (2 * len(faults), 1))
    sound = sound.astype(np.float32)
    sound[0] = np.finfo(np.float32).max
    sound[1] = -0.0
    faulty = sound.copy()
    for row, (place, value) in enumerate(faults):
        faulty[2 * row, place] = value
    return sound, faulty


def check(path: str) -> int:
    model = onnx.load(path)
    size = model.graph.input[0].type.tensor_type.shape.dim[1].dim_value
    sound, faulty = draw(size)
    failures = 0
    bare = runtimes(without_guard(model))
    with np.errstate(all="ignore"):
        for name, run in runtimes(model).items():
            actions, expected = run(faulty), run(sound)
            alone = [run(faulty[row : row + 1]) for row in range(0, 12, 2) if row < len(faulty)]
            refused = np.isnan(actions[0::2]).all() and np.isnan(alone).all()
            apart = (actions[1::2].view(np.int32) == expected[1::2].view(np.int32)).all()
            finite = np.isfinite(expected)
            unchanged = (bare[name](sound).view(np.int32) == expected.view(np.int32))[finite].all()
            swallowed = np.count_nonzero(~np.isnan(bare[name](faulty)[0::2]).all(axis=1))
            good = bool(refused and apart and unchanged and finite[1:].all())
            failures += not good
            print(
                f"{'ok' if good else 'FAILED'} {name}: {len(faulty) // 2} refused: {refused}, others as alone: {apart}, "
                f"bits of actions unchanged: {unchanged}; without the guard, {swallowed} would be answered"
            )
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(check(sys.argv[1]))
