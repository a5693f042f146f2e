"""
The Python ends of the bridge bench, each beside the others; a unit is one step of all environments:

    bridge_subject.py sync <id> <envs>            Gymnasium's SyncVectorEnv in this process, or one environment
    bridge_subject.py session <id> <envs>         what a session's process does for a step: decode, step, check, encode
    bridge_subject.py wire <id> <envs> <address>  bridges/python's client
    bridge_subject.py stream <id> <envs>          bare grpcio, the same bytes; without an id: empty messages
    bridge_subject.py stream-server <bytes>       its other end
"""

import asyncio
import copy
import subprocess
import sys
import time
import warnings
from queue import SimpleQueue

from bench_subject import answer_series, introduce, next_request, say_missing, say_port

try:
    import grpc
    import gymnasium
    import numpy as np
    from gymwire.client.remote_env import RemoteEnv
    from gymwire.client.remote_vector_env import RemoteVectorEnv
    from gymwire.codec.values import encode_value
    from gymwire.session.client_text import ClientText
    from gymwire.session.env_group import EnvGroup
    from gymwire.session.listed_members import ListedMembers
    from gymwire.session.notes import Notes
    from gymwire.session.read_reply import ReplyRules
    from gymwire.v1 import env_service_pb2 as pb
    from gymwire.version import PACKAGE_VERSION
except ImportError as error:
    say_missing(str(error))

warnings.filterwarnings("ignore")

mode = sys.argv[1]
env_id = sys.argv[2] if len(sys.argv) > 2 else ""
count = int(sys.argv[3]) if len(sys.argv) > 3 else 0

METHOD = "/bench.Echo/Stream"


def serve_units(unit):
    while True:
        times = []
        for _ in range(next_request()["count"]):
            start = time.perf_counter_ns()
            unit()
            times.append(time.perf_counter_ns() - start)
        answer_series(times)


def actions_for(space):
    """A table of actions, so that none is made while it is measured."""
    space.seed(0)
    shape = space.shape if count == 1 else (count, *space.shape)
    rng = np.random.default_rng(0)
    return [rng.uniform(-1, 1, shape).astype(space.dtype) for _ in range(64)]


def stepping(step, table, reset=None):
    turn = 0

    def unit():
        nonlocal turn
        turn += 1
        outcome = step(table[turn % len(table)])
        if reset is not None and (outcome[2] or outcome[3]):
            reset()

    return unit


def sync():
    version = f"Gymnasium {gymnasium.__version__}"
    try:
        make = [lambda: gymnasium.make(env_id)] * count
        env = gymnasium.make(env_id) if count == 1 else gymnasium.vector.SyncVectorEnv(make)
    except gymnasium.error.Error as error:
        say_missing(str(error))
    env.reset(seed=0)
    space = env.action_space if count == 1 else env.single_action_space
    introduce(version, "gymnasium.make" if count == 1 else "SyncVectorEnv of gymnasium.make's environments")
    serve_units(stepping(env.step, actions_for(space), env.reset if count == 1 else None))


def group():
    limitless = copy.deepcopy(gymnasium.spec(env_id))
    limitless.max_episode_steps = None
    envs = [gymnasium.make(limitless, disable_env_checker=True) for _ in range(count)]
    request = pb.MakeSessionRequest(
        num_envs=None if count == 1 else count,
        autoreset_mode=pb.AUTORESET_MODE_NEXT_STEP if count > 1 else pb.AUTORESET_MODE_DISABLED,
        accepts_packed_infos=True,
    )
    made = EnvGroup(envs, request, ListedMembers(), ReplyRules(), Notes(ClientText()))
    made.reset(pb.ResetRequest(seed=0), 1)
    return made, envs[0].action_space


def request_of(action):
    step = pb.StepRequest(sequence=2, action=encode_value(action))
    return pb.InteractRequest(step=step).SerializeToString()


def reply_of(made, request):
    step = made.step(pb.InteractRequest.FromString(request).step, 2)
    return pb.InteractResponse(step=step).SerializeToString()


def session():
    made, space = group()
    introduce(PACKAGE_VERSION, "a session's own process: request decoded, environments stepped, reply checked, encoded")
    serve_units(stepping(lambda request: reply_of(made, request), list(map(request_of, actions_for(space)))))


def wire():
    address = sys.argv[4]
    if count == 1:
        env = RemoteEnv(address, env_id, max_episode_steps=0)
    else:
        env = RemoteVectorEnv(count, address, env_id)
    env.reset(seed=0)
    space = env.action_space if count == 1 else env.single_action_space
    introduce(PACKAGE_VERSION, "client here, server and session in processes of their own, loopback, all decoded")
    serve_units(stepping(env.step, actions_for(space)))


def stream():
    request, size = b"", 0
    if env_id:
        made, space = group()
        request = request_of(actions_for(space)[0])
        size = len(reply_of(made, request))
    command = [sys.executable, __file__, "stream-server", str(size)]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    channel = grpc.insecure_channel(f"127.0.0.1:{server.stdout.readline().strip()}")
    requests = SimpleQueue()
    replies = channel.stream_stream(METHOD)(iter(requests.get, None))

    def unit():
        requests.put(request)
        if len(next(replies)) != size:
            raise ValueError("another reply than expected")

    introduce(grpc.__version__, f"grpcio, {len(request)} bytes there, {size} back; no environment, nothing decoded")
    serve_units(unit)


def stream_server():
    reply = bytes(int(env_id))

    async def answer(_, context):
        while await context.read() is not grpc.aio.EOF:
            await context.write(reply)

    async def serve():
        server = grpc.aio.server()
        handlers = {"Stream": grpc.stream_stream_rpc_method_handler(answer)}
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("bench.Echo", handlers),))
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        say_port(port)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        await server.stop(None)

    asyncio.run(serve())


{"sync": sync, "session": session, "wire": wire, "stream": stream, "stream-server": stream_server}[mode]()
