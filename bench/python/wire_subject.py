"""
The Python ends of the wire bench: wire_subject.py gymwire <address> <envs> | catch <examples> | catch-server <examples>.
A unit is one call; the first two answer each request with the time of every call.
"""

import subprocess
import sys
import time

from bench_subject import answer_series, introduce, next_request, say_missing, say_port

mode, place = sys.argv[1], sys.argv[2]


def serve_calls(call):
    while True:
        times = []
        for _ in range(next_request()["count"]):
            start = time.perf_counter_ns()
            call()
            times.append(time.perf_counter_ns() - start)
        answer_series(times)


def gymwire_client():
    """bridges/python's client on a server elsewhere; a call is a step of Pendulum-v1 with arrays decoded."""
    try:
        import numpy as np
        from gymwire.client.remote_env import RemoteEnv
        from gymwire.client.remote_vector_env import RemoteVectorEnv
        from gymwire.version import PACKAGE_VERSION
    except ImportError as error:
        say_missing(str(error))
    count = int(sys.argv[3])
    if count == 1:
        env = RemoteEnv(place, "Pendulum-v1", max_episode_steps=0)
        action = np.array([0.5], np.float32)
    else:
        env = RemoteVectorEnv(count, place, "Pendulum-v1", max_episode_steps=0)
        action = np.full((count, 1), 0.5, np.float32)
    env.reset(seed=0)
    introduce(PACKAGE_VERSION, "bridges/python's client")
    serve_calls(lambda: env.step(action))


def catch_client():
    """dm_env_rpc's own example, its server in a process of its own; a call is a step, unpacked by its dm_env adaptor."""
    try:
        import grpc
        from dm_env_rpc import _version
        from dm_env_rpc.v1 import connection, dm_env_adaptor
    except ImportError as error:
        say_missing(str(error))
    # Its stdin ends with this process, and it with its stdin.
    command = [sys.executable, __file__, "catch-server", place]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    port = server.stdout.readline().strip()
    if not port:
        say_missing("the example's server did not start")
    channel = grpc.secure_channel(f"localhost:{port}", grpc.local_channel_credentials())
    grpc.channel_ready_future(channel).result(timeout=30)
    env, _ = dm_env_adaptor.create_and_join_world(connection.Connection(channel), {}, {})
    env.reset()
    # As in the example's own agent: the action is named, a time step after an episode's end starts the next one.
    introduce(_version.__version__, "catch example, server and client in Python")
    serve_calls(lambda: env.step({"paddle": 0}))


def catch_server():
    from concurrent import futures

    import grpc
    from dm_env_rpc.v1 import dm_env_rpc_pb2_grpc

    sys.path.insert(0, place)
    import catch_environment

    server = grpc.server(futures.ThreadPoolExecutor(max_workers=1))
    service = catch_environment.CatchEnvironmentService()
    dm_env_rpc_pb2_grpc.add_EnvironmentServicer_to_server(service, server)
    port = server.add_secure_port("localhost:0", grpc.local_server_credentials())
    server.start()
    say_port(port)
    sys.stdin.read()
    server.stop(None)


{"gymwire": gymwire_client, "catch": catch_client, "catch-server": catch_server}[mode]()
