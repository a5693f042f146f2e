"""
Batch simulators here, over the wire, and a bare grpcio stream of the same bytes, in turn in one process:
batch_subject.py <name or "all"> <envs> <rounds> <steps> prints one JSON object a simulator. `batch_subject.py echo` is the bare server,
`batch_subject.py serve <name>` ours: each is a process of its own, as it is for whoever uses it.
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


def echo_server(name=None, count=0):
    """
    Answers each message with as many bytes as its first eight say; prints its port, and ends with its stdin. With a simulator,
    each message steps it: what grpcio costs where the step is in its own process, with nothing looked at and nothing sent of it.
    """
    from concurrent.futures import ThreadPoolExecutor

    import grpc

    step = None if name is None else stepped(SIMULATORS[name](count), count)

    def answer(requests, _context):
        for request in requests:
            if step is not None:
                step()
            yield bytes(int.from_bytes(request[:8], "little"))

    class Handler(grpc.GenericRpcHandler):
        def service(self, _details):
            return grpc.stream_stream_rpc_method_handler(answer)

    server = grpc.server(ThreadPoolExecutor(2), handlers=[Handler()])
    print(server.add_insecure_port("127.0.0.1:0"), flush=True)
    server.start()
    sys.stdin.read()


def serve(name):
    """Serves the simulator; prints its address, and ends with its stdin."""
    import gymwire

    server = gymwire.start_server({"Batch-v0": gymwire.VectorEnvRegistration(SIMULATORS[name])})
    print(server.address, flush=True)
    sys.stdin.read()
    server.shutdown()


def start(*args):
    """This file in another process, and the first line that it prints."""
    process = subprocess.Popen([sys.executable, __file__, *args], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    return process, process.stdout.readline().strip()


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


class Stream:
    """A bare stream to a process of its own."""

    def __init__(self, message, *simulator):
        import grpc

        self.process, port = start("echo", *simulator)
        self.channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self.requests = SimpleQueue()
        self.replies = self.channel.stream_stream("/bench/Echo")(iter(self.requests.get, None))
        self.message = message

    def call(self):
        self.requests.put(self.message)
        next(self.replies)

    def close(self):
        self.requests.put(None)
        self.channel.close()
        end(self.process)


def end(process):
    process.stdin.close()
    process.wait()


def stepped(env, count):
    """Its step with the same actions again and again."""
    space = env.single_action_space
    actions = np.random.default_rng(0).uniform(space.low, space.high, (count, *space.shape)).astype(space.dtype)
    env.reset()
    return lambda: env.step(actions)


def timed(count, call):
    start = time.perf_counter()
    for _ in range(count):
        call()
    return (time.perf_counter() - start) / count


def measure(name, make, count, rounds, steps):
    import gymwire
    from gymwire.client.session_stream import SessionStream

    sizes = []
    answered = SessionStream.step

    def noted(stream, request):
        reply = answered(stream, request)
        sizes.append((request.ByteSize(), reply.ByteSize()))
        return reply

    local = make(count)
    server, address = start("serve", name)
    remote = gymwire.RemoteVectorEnv(count, address, "Batch-v0")
    native = stepped(local, count)
    SessionStream.step = noted
    over_wire = stepped(remote, count)
    over_wire()
    SessionStream.step = answered
    asked, told = sizes[0]
    message = told.to_bytes(8, "little") + bytes(max(0, asked - 8))
    streams = [Stream(message), Stream(message, name, str(count))]
    bare, inside = (stream.call for stream in streams)
    calls = {"native": native, "wire": over_wire, "bare": bare, "inside": inside}
    for call in calls.values():
        timed(20, call)
    times = {what: [] for what in calls}
    for _ in range(rounds):
        for what, call in calls.items():
            times[what].append(timed(steps, call))
    remote.close()
    for stream in streams:
        stream.close()
    end(server)
    figures = {what: statistics.median(own) * 1e6 for what, own in times.items()}
    # Of what was measured one after the other: a busy moment of the machine is in both of its numbers.
    rounds = list(zip(times["native"], times["wire"], times["bare"], strict=True))
    figures["ofNative"] = statistics.median(native / wire for native, wire, _ in rounds)
    figures["ofInside"] = statistics.median(i / w for i, w in zip(times["inside"], times["wire"], strict=True))
    figures["timesBare"] = statistics.median(wire / (bare + native) for native, wire, bare in rounds)
    print(json.dumps({"name": name, "envs": count, "sent": asked, "received": told, **figures}), flush=True)


def main():
    if sys.argv[1] == "echo":
        return echo_server(*(sys.argv[2:3]), *map(int, sys.argv[3:4]))
    if sys.argv[1] == "serve":
        return serve(sys.argv[2])
    count, rounds, steps = map(int, sys.argv[2:5])
    wanted = sys.argv[1]
    for name, make in SIMULATORS.items():
        if wanted not in {"all", name}:
            continue
        try:
            measure(name, make, count, rounds, steps)
        except ImportError as error:
            print(json.dumps({"name": name, "missing": str(error)}), flush=True)
    return None


if __name__ == "__main__":
    main()
