"""
Batch simulators here, over the wire, and a bare grpcio stream of the same bytes, in turn in one process:
batch_subject.py <name or "all"> <envs> <rounds> <steps> prints one JSON object a simulator. `batch_subject.py echo` is the bare server.
"""

import json
import statistics
import subprocess
import sys
import time
from queue import SimpleQueue

import numpy as np

# How long a step of the slow simulator waits, as one on a GPU would.
SLEEP_S = 0.002


def echo_server():
    """Answers each message with as many bytes as its first eight say; prints its port, and ends with its stdin."""
    from concurrent.futures import ThreadPoolExecutor

    import grpc

    def answer(requests, _context):
        for request in requests:
            yield bytes(int.from_bytes(request[:8], "little"))

    class Handler(grpc.GenericRpcHandler):
        def service(self, _details):
            return grpc.stream_stream_rpc_method_handler(answer)

    server = grpc.server(ThreadPoolExecutor(2), handlers=[Handler()])
    print(server.add_insecure_port("127.0.0.1:0"), flush=True)
    server.start()
    sys.stdin.read()


class Points:
    """Points on lines, in NumPy: as cheap as a batch gets."""

    def __init__(self, num_envs, sleep_s=0.0):
        from gymnasium import spaces

        self.num_envs = num_envs
        self.sleep_s = sleep_s
        self.single_observation_space = spaces.Box(-np.inf, np.inf, (8,), np.float32)
        self.single_action_space = spaces.Box(-1, 1, (2,), np.float32)
        self.metadata = {"autoreset_mode": "same-step"}
        self.never = np.zeros(num_envs, np.bool_)

    def reset(self, *, seed=None, options=None):
        self.x = np.random.default_rng(seed).standard_normal((self.num_envs, 8)).astype(np.float32)
        return self.x.copy(), {}

    def step(self, actions):
        if self.sleep_s:
            time.sleep(self.sleep_s)
        self.x = 0.99 * self.x + np.float32(0.01) * actions.sum(1, keepdims=True)
        return self.x.copy(), -np.abs(self.x).sum(1), self.never, self.never, {}


def slow_points(num_envs):
    return Points(num_envs, SLEEP_S)


def make_vec(num_envs):
    import gymnasium

    return gymnasium.make_vec("Pendulum-v1", num_envs, vectorization_mode="sync", max_episode_steps=10**9)


def envpool(task, num_envs):
    import envpool

    return envpool.make_gymnasium(task, num_envs=num_envs, seed=1, max_episode_steps=10**9)


def envpool_pendulum(num_envs):
    return envpool("Pendulum-v1", num_envs)


def envpool_cheetah(num_envs):
    return envpool("HalfCheetah-v4", num_envs)


SIMULATORS = {
    "points in NumPy": Points,
    "points, 2 ms a step": slow_points,
    "make_vec, Pendulum-v1": make_vec,
    "EnvPool, Pendulum-v1": envpool_pendulum,
    "EnvPool, HalfCheetah-v4": envpool_cheetah,
}


def timed(count, call):
    start = time.perf_counter()
    for _ in range(count):
        call()
    return (time.perf_counter() - start) / count


def measure(name, make, count, rounds, steps):
    import grpc
    import gymwire
    from gymwire.client.session_stream import SessionStream

    sizes = []
    answered = SessionStream.step

    def noted(stream, request):
        reply = answered(stream, request)
        sizes.append((request.ByteSize(), reply.ByteSize()))
        return reply

    local = make(count)
    server = gymwire.start_server({"Batch-v0": gymwire.VectorEnvRegistration(make)})
    remote = gymwire.RemoteVectorEnv(count, server.address, "Batch-v0")
    echo = subprocess.Popen([sys.executable, __file__, "echo"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    space = local.single_action_space
    actions = np.random.default_rng(0).uniform(space.low, space.high, (count, *space.shape)).astype(space.dtype)
    local.reset()
    remote.reset(seed=1)
    SessionStream.step = noted
    remote.step(actions)
    SessionStream.step = answered
    asked, told = sizes[0]
    channel = grpc.insecure_channel(f"127.0.0.1:{echo.stdout.readline().strip()}")
    requests = SimpleQueue()
    replies = channel.stream_stream("/bench/Echo")(iter(requests.get, None))
    message = told.to_bytes(8, "little") + bytes(max(0, asked - 8))

    def bare():
        requests.put(message)
        next(replies)

    calls = {"native": lambda: local.step(actions), "wire": lambda: remote.step(actions), "bare": bare}
    for call in calls.values():
        timed(20, call)
    times = {what: [] for what in calls}
    for _ in range(rounds):
        for what, call in calls.items():
            times[what].append(timed(steps, call))
    requests.put(None)
    remote.close()
    server.shutdown()
    channel.close()
    echo.stdin.close()
    echo.wait()
    figures = {what: statistics.median(own) * 1e6 for what, own in times.items()}
    # Of what was measured one after the other: a busy moment of the machine is in both of its numbers.
    rounds = list(zip(times["native"], times["wire"], times["bare"], strict=True))
    figures["ofNative"] = statistics.median(native / wire for native, wire, _ in rounds)
    figures["timesBare"] = statistics.median(wire / (bare + native) for native, wire, bare in rounds)
    print(json.dumps({"name": name, "envs": count, "sent": asked, "received": told, **figures}), flush=True)


def main():
    if sys.argv[1] == "echo":
        echo_server()
        return
    count, rounds, steps = map(int, sys.argv[2:5])
    wanted = sys.argv[1]
    for name, make in SIMULATORS.items():
        if wanted not in {"all", name}:
            continue
        try:
            measure(name, make, count, rounds, steps)
        except ImportError as error:
            print(json.dumps({"name": name, "missing": str(error)}), flush=True)


if __name__ == "__main__":
    main()
