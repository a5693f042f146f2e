"""Checks a policy.onnx with the official ONNX checker and Python's ONNX Runtime, without any of our code.

    python check_policy.py policy.onnx

The graph is run on 1 000 observations (zeros, the corners of the observation space, +-1e6, saturated, random) in
one batch, in odd batches and one by one, and compared with a float64 forward in NumPy, node by node, and with the
observation-action pairs recorded in the file: to 1e-5 of each action's range. Bounds must hold exactly.
Prints figures; exit code 1 where anything fails.
"""

from __future__ import annotations

import hashlib
import json
import sys
from typing import NamedTuple

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper

TOLERANCE = 1e-5
LARGEST = 1e6
UNIT_ROUNDOFF = 2.0**-24
# Above this part, float32 is no way to hold the policy; below it, cancelling sums at 1e6 explain it.
MOST_ILL_CONDITIONED = 0.2


class CheckFailed(Exception):
    """Says what was expected and what came."""


class Wave(NamedTuple):
    """Values [batch, size] and an estimate of the rounding error that float32 would leave in them."""

    value: np.ndarray
    error: np.ndarray


class Policy(NamedTuple):
    model: onnx.ModelProto
    constants: dict[str, np.ndarray]
    observation_low: np.ndarray
    observation_high: np.ndarray
    action_low: np.ndarray
    action_high: np.ndarray
    golden_observations: np.ndarray
    golden_actions: np.ndarray


def require(condition: bool, message: str) -> None:
    if not condition:
        raise CheckFailed(message)


def read_policy(path: str) -> Policy:
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    require(model.ir_version <= 8, f"expected IR <= 8, got {model.ir_version}")
    opsets = {entry.domain: entry.version for entry in model.opset_import}
    require(set(opsets) == {""} and opsets[""] <= 17, f"expected opset <= 17 alone, got {opsets}")
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    form = metadata.get("gymwire.format")
    require(form in ("1", "2"), f"expected format 1 or 2, got {form}")
    check_weights_hash(model, metadata["gymwire.weights_sha256"])
    if form != "1":
        check_description_hash(metadata)
    description = json.loads(metadata["gymwire.policy"])
    golden = json.loads(metadata["gymwire.golden"])

    def bounds(space: str, side: str) -> np.ndarray:
        return np.array([np.float32(value) for value in description[space][side]], np.float32)

    return Policy(
        model,
        {entry.name: numpy_helper.to_array(entry) for entry in model.graph.initializer},
        bounds("observation", "low"),
        bounds("observation", "high"),
        bounds("action", "low"),
        bounds("action", "high"),
        np.array(golden["observations"], np.float32),
        np.array(golden["actions"], np.float32),
    )


def check_weights_hash(model: onnx.ModelProto, expected: str) -> None:
    digest = hashlib.sha256()
    for entry in model.graph.initializer:
        array = numpy_helper.to_array(entry)
        digest.update(f"{entry.name}\0{array.dtype.name}\0{','.join(map(str, array.shape))}\0".encode())
        digest.update(array.astype(array.dtype.newbyteorder("<")).tobytes())
    require(digest.hexdigest() == expected, f"weights hash to {digest.hexdigest()}, the file says {expected}")


def check_description_hash(metadata: dict[str, str]) -> None:
    hashes = ("gymwire.description_sha256", "gymwire.model_sha256")
    entries = sorted(entry for entry in metadata.items() if entry[0].startswith("gymwire.") and entry[0] not in hashes)
    text = json.dumps(entries, ensure_ascii=False, separators=(",", ":"))
    digest = hashlib.sha256(text.encode()).hexdigest()
    expected = metadata["gymwire.description_sha256"]
    require(digest == expected, f"the description hashes to {digest}, the file says {expected}")


def linear(wave: Wave, weight: np.ndarray, bias: np.ndarray) -> Wave:
    magnitude = np.abs(wave.value) @ np.abs(weight).T + np.abs(bias)
    error = np.sqrt(wave.error**2 @ (weight**2).T) + 2 * UNIT_ROUNDOFF * magnitude
    return Wave(wave.value @ weight.T + bias, error)


def relu(wave: Wave) -> Wave:
    error = np.where(wave.value > 0, wave.error, np.maximum(0, wave.value + wave.error))
    return Wave(np.maximum(wave.value, 0), error)


def tanh(wave: Wave) -> Wave:
    value = np.tanh(wave.value)
    spread = np.maximum(np.tanh(wave.value + wave.error) - value, value - np.tanh(wave.value - wave.error))
    return Wave(value, spread + 8 * UNIT_ROUNDOFF)


def clip(wave: Wave, low: np.ndarray, high: np.ndarray) -> Wave:
    clipped = (wave.value < low) | (wave.value > high)
    return Wave(np.clip(wave.value, low, high), np.where(clipped, 0, wave.error))


def arithmetic(op: str, wave: Wave, operand: np.ndarray) -> Wave:
    result = {"Add": np.add, "Sub": np.subtract, "Mul": np.multiply, "Div": np.divide}[op](wave.value, operand)
    slope = operand if op == "Mul" else 1 / operand if op == "Div" else np.ones(1)
    return Wave(result, wave.error * np.abs(slope) + UNIT_ROUNDOFF * np.abs(result))


def apply(op: str, wave: Wave, operands: list[np.ndarray]) -> Wave:
    if op == "Gemm":
        return linear(wave, *operands)
    if op == "Relu":
        return relu(wave)
    if op == "Tanh":
        return tanh(wave)
    if op == "Clip":
        return clip(wave, *operands)
    if op == "Max":
        return Wave(np.maximum(wave.value, operands[0]), wave.error)
    if op == "Min":
        return Wave(np.minimum(wave.value, operands[0]), wave.error)
    require(op in ("Add", "Sub", "Mul", "Div"), f"expected the operators of a policy, got {op}")
    return arithmetic(op, wave, operands[0])


def check_attributes(node: onnx.NodeProto) -> None:
    attributes = {entry.name: onnx.helper.get_attribute_value(entry) for entry in node.attribute}
    expected = {"Gemm": {"transB": 1}, "ReduceSum": {"keepdims": 1}}.get(node.op_type, {})
    require(attributes == expected, f"{node.name}: expected attributes {expected}, got {attributes}")


def forward(policy: Policy, observations: np.ndarray) -> Wave:
    """The graph in float64: a chain from the observation to the action, which ends in adding the guard."""
    wave = Wave(observations.astype(np.float64), np.zeros(observations.shape))
    nodes = list(policy.model.graph.node)
    if nodes[0].op_type == "Mul":
        guard, nodes = guard_of(policy, nodes[:2], observations), nodes[2:]
        require(not guard.any(), "expected a guard of 0 for finite observations")
        require(nodes[-1].op_type == "Add", f"expected the guard at the end, got {nodes[-1].op_type}")
        require(list(nodes[-1].input) == [nodes[-2].output[0], "observation.guard"], "expected the guard to be added")
        require(nodes.pop().output[0] == "action", "expected the guarded action as the output")
    else:
        require(nodes[-1].output[0] == "action", f"expected the action last, got {nodes[-1].output[0]}")
    last = "observation"
    for node in nodes:
        require(node.input[0] == last, f"{node.name}: expected {last} as its first input, got {node.input[0]}")
        check_attributes(node)
        operands = [policy.constants[name].astype(np.float64) for name in node.input[1:]]
        wave = apply(node.op_type, wave, operands)
        last = node.output[0]
    return wave


def guard_of(policy: Policy, nodes: list[onnx.NodeProto], observations: np.ndarray) -> np.ndarray:
    zeros, total = nodes
    require([*zeros.input, *total.input] == ["observation", "guard.zero", zeros.output[0], "guard.axes"], "a guard of else")
    require(total.op_type == "ReduceSum" and total.output[0] == "observation.guard", f"expected a sum, got {total.op_type}")
    check_attributes(total)
    axes = tuple(policy.constants["guard.axes"].tolist())
    return (observations * policy.constants["guard.zero"]).sum(axis=axes, keepdims=True)


def draw_observations(policy: Policy) -> np.ndarray:
    random = np.random.default_rng(20_250_101)
    low = np.maximum(policy.observation_low.astype(np.float64), -LARGEST)
    high = np.minimum(policy.observation_high.astype(np.float64), LARGEST)
    size = len(low)
    near = (low >= -100) & (high <= 100)
    uniform = low + (high - low) * random.random((700, size))
    normal = random.standard_normal((700, size)) * 10.0 ** random.integers(-1, 2, (700, 1))
    mean = policy.constants.get("observation.mean", np.zeros(size))
    scale = policy.constants.get("observation.scale", np.ones(size))
    rows = [
        np.zeros((1, size)),
        low[None],
        high[None],
        np.where(random.random((97, size)) < 0.5, low, high),
        np.full((1, size), LARGEST),
        np.full((1, size), -LARGEST),
        LARGEST * random.choice([-1.0, 1.0], (98, size)),
        random.standard_normal((100, size)) * 10.0 ** random.integers(1, 6, (100, 1)),
        np.where(near, uniform, mean + scale * normal),
    ]
    observations = np.concatenate(rows).astype(np.float32)
    require(len(observations) == 1000, f"expected 1000 observations, drew {len(observations)}")
    return observations


def run_in_batches(session: onnxruntime.InferenceSession, observations: np.ndarray, sizes: list[int]) -> np.ndarray:
    require(sum(sizes) == len(observations), f"batches of {sum(sizes)} for {len(observations)} observations")
    batches = np.split(observations, np.cumsum(sizes)[:-1])
    return np.concatenate([session.run(["action"], {"observation": batch})[0] for batch in batches])


def check_bounds(policy: Policy, actions: np.ndarray, what: str) -> None:
    require(actions.dtype == np.float32, f"{what}: expected float32, got {actions.dtype}")
    inside = (actions >= policy.action_low) & (actions <= policy.action_high)
    require(bool(inside.all()), f"{what}: {np.count_nonzero(~inside)} actions out of bounds")


def check_errors(policy: Policy, actions: np.ndarray, expected: np.ndarray, what: str) -> float:
    require(actions.shape == expected.shape, f"{what}: expected shape {expected.shape}, got {actions.shape}")
    worst = float((np.abs(actions - expected.astype(np.float64)) / action_range(policy)).max())
    require(worst <= TOLERANCE, f"{what}: off by {worst:.3g} of the action's range, at most {TOLERANCE} is allowed")
    return worst


def action_range(policy: Policy) -> np.ndarray:
    return policy.action_high.astype(np.float64) - policy.action_low


def check(path: str) -> None:
    policy = read_policy(path)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    print(f"{path}: checker ok; onnx {onnx.__version__}, onnxruntime {onnxruntime.__version__}")

    pairs = policy.golden_observations
    require(len(pairs) >= 32, f"expected at least 32 golden pairs, got {len(pairs)}")
    golden = session.run(["action"], {"observation": pairs})[0]
    check_bounds(policy, golden, "golden pairs")
    worst = check_errors(policy, golden, policy.golden_actions, "golden pairs")
    print(f"golden pairs: {len(pairs)}, largest error {worst:.3g} of the action's range")

    observations = draw_observations(policy)
    expected, error = forward(policy, observations)
    sound = (error <= TOLERANCE * action_range(policy)).all(axis=1)
    ill = np.count_nonzero(~sound)
    require(ill <= MOST_ILL_CONDITIONED * len(sound), f"float32 rounding alone may matter on {ill} of {len(sound)}")
    for what, sizes in {"one batch": [1000], "odd batches": [7, 33, 129, 255, 1, 575], "one by one": [1] * 1000}.items():
        actions = run_in_batches(session, observations, sizes)
        check_bounds(policy, actions, what)
        worst = check_errors(policy, actions[sound], expected[sound], what)
        print(f"{what}: {np.count_nonzero(sound)} observations, largest error {worst:.3g} of the action's range")
    print(f"bounds hold on all {len(sound)}; float32 rounding alone could exceed the tolerance on {ill}")


def main(arguments: list[str]) -> int:
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        check(arguments[1])
    except Exception as failure:  # whatever the checker or the runtime throw is a failed check
        print(f"FAILED {arguments[1]}: {type(failure).__name__}: {failure}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
