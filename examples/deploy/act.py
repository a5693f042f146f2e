"""Observations in, actions out, a line of JSON each:

    echo '[1, 0, 0]' | python examples/deploy/act.py runs/deploy/policy.onnx

Needs onnxruntime and numpy, and nothing of gymwire. A file that this runtime does not compute as it was exported is refused.
"""

import sys

# Whatever ends this program, it ends in one line.
sys.excepthook = lambda kind, fault, _: print(f"error {kind.__name__}: {' '.join(str(fault).split())}", file=sys.stderr)

# #region check
import json
import sys

import numpy as np
import onnxruntime

path = sys.argv[1] if len(sys.argv) > 1 else "policy.onnx"
session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
about = session.get_modelmeta().custom_metadata_map
golden, bounds = json.loads(about["gymwire.golden"]), json.loads(about["gymwire.policy"])["action"]
(actions,) = session.run(["action"], {"observation": np.array(golden["observations"], np.float32)})
error = np.abs(actions - golden["actions"]) / np.subtract(bounds["high"], bounds["low"])
if not (error <= 1e-4).all():
    raise SystemExit(f"{path}: actions are off by {error.max():.2g} of their range")
# #endregion


for line in sys.stdin:
    observation = np.array([json.loads(line)], np.float32)
    (actions,) = session.run(["action"], {"observation": observation})
    print(json.dumps(actions[0].tolist()), flush=True)
