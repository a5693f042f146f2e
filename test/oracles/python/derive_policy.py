"""Makes of a policy.onnx what others' tools make of it: optimised, quantised, of float16, of a newer operator set.

    python derive_policy.py policy.onnx folder
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import onnxslim
from onnx import version_converter
from onnxconverter_common import float16
from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_dynamic, quantize_static


class Observations(CalibrationDataReader):
    def __init__(self, size: int) -> None:
        random = np.random.default_rng(1)
        self.batches = iter(random.standard_normal((20, 8, size)).astype(np.float32))

    def get_next(self) -> dict[str, np.ndarray] | None:
        batch = next(self.batches, None)
        return None if batch is None else {"observation": batch}


def derive(path: str, folder: Path) -> None:
    def save(name: str, model: onnx.ModelProto) -> None:
        onnx.save(model, folder / f"{name}.onnx")

    save("resaved", onnx.load(path))
    save("onnxslim", onnxslim.slim(path))
    save("shapes", onnx.shape_inference.infer_shapes(onnx.load(path)))
    save("opset21", version_converter.convert_version(onnx.load(path), 21))
    save("float16", float16.convert_float_to_float16(onnx.load(path)))
    save("float16-inside", float16.convert_float_to_float16(onnx.load(path), keep_io_types=True))
    quantize_dynamic(path, folder / "int8.onnx", weight_type=QuantType.QInt8)
    size = onnx.load(path).graph.input[0].type.tensor_type.shape.dim[1].dim_value
    quantize_static(path, folder / "int8-static.onnx", Observations(size))
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.optimized_model_filepath = str(folder / "onnxruntime.onnx")
    onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


if __name__ == "__main__":
    derive(sys.argv[1], Path(sys.argv[2]))
