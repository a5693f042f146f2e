/** Where the time of one environment's step over gRPC goes, beside a raw TCP echo of the same bytes. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { connect } from '@gymwire/agent-sdk';
import { median, timeCall } from '../support/statistics.ts';
import { connectStreamEcho, connectTcpEcho, echoRequest } from '../wire/echo.ts';
import { actionTable } from './actions.ts';
import { createCodecRun } from './codec-run.ts';
import { actionTensor, makeLocalSession } from './local-session.ts';
import type { EnvServerPorts } from './server-process.ts';
import { createSimulator } from './simulator.ts';

/** V8 compiles both ends in several rounds; before that a step takes five times as long. */
const warmUpRounds = 50;
const callsPerRound = 100;

/** µs of one step, medians over all rounds. */
export interface Breakdown {
  /** A raw TCP echo of the same bytes. */
  readonly echoUs: number;
  /** The same, where the server steps the environment before it answers: what no protocol can undercut. */
  readonly busyEchoUs: number;
  /** The same over a bare grpc-js stream: what no codec and no session can undercut. */
  readonly busyStreamUs: number;
  readonly grpcUs: number;
  readonly sessionUs: number;
  /** `Env.step` alone: physics, observation, reward, info. */
  readonly simulatorUs: number;
  readonly codecUs: number;
  /** (gRPC − simulator) / echo, the median of the rounds. */
  readonly addedEchoes: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
}

type Call = (time: number) => Promise<unknown>;

export async function measureBreakdown(envId: string, rounds: number): Promise<Breakdown> {
  const child = fork(fileURLToPath(new URL('./server-process.js', import.meta.url)), [envId]);
  try {
    const [ports] = (await once(child, 'message')) as [EnvServerPorts];
    return await measure(envId, rounds, ports);
  } finally {
    child.disconnect();
  }
}

async function measure(envId: string, rounds: number, ports: EnvServerPorts): Promise<Breakdown> {
  const connection = await connect(ports.address);
  const env = await connection.make(envId, { maxEpisodeSteps: 0 });
  const session = await makeLocalSession({ envId, maxEpisodeSteps: 0 });
  const actionAt = actionTable(env.actionSpace, 1);
  const { run: convert, ...bytes } = await createCodecRun(session, actionAt(0));
  const tcp = await connectTcpEcho(ports.echo);
  const busyTcp = await connectTcpEcho(ports.busyEcho ?? ports.echo);
  const busyStream = connectStreamEcho(ports.busyStream ?? 0);
  const request = echoRequest(bytes.requestBytes, bytes.responseBytes);
  const { step: simulate } = await createSimulator(envId);
  await env.reset({ seed: 0 });

  const [echo, grpc, local, simulator, codec, busyEcho, streamed] = await medianRounds(rounds, [
    () => tcp.call(request),
    async (time) => {
      if ((await env.step(actionAt(time))).terminated) await env.reset();
    },
    async (time) => {
      const { terminated } = await session.step(actionTensor(session, actionAt(time)));
      if (terminated[0]) await session.reset({});
    },
    (time) => simulate(actionAt(time)),
    async () => convert(),
    () => busyTcp.call(request),
    () => busyStream.call(request),
  ]);
  tcp.socket.destroy();
  busyTcp.socket.destroy();
  busyStream.client.close();
  await env.close();
  connection.close();
  const us = (nanoseconds: readonly number[]) => median(nanoseconds) / 1e3;
  return {
    echoUs: us(echo),
    busyEchoUs: us(busyEcho),
    busyStreamUs: us(streamed),
    grpcUs: us(grpc),
    sessionUs: us(local),
    simulatorUs: us(simulator),
    codecUs: us(codec),
    addedEchoes: median(grpc.map((total, i) => (total - simulator[i]) / echo[i])),
    ...bytes,
  };
}

/** Calls in turn, round by round. @returns for each call the median of each round, ns */
async function medianRounds(rounds: number, calls: readonly Call[]): Promise<number[][]> {
  const medians = calls.map((): number[] => []);
  for (let round = -warmUpRounds; round < rounds; round++) {
    for (const [i, call] of calls.entries()) {
      const series: number[] = [];
      for (let k = 0; k < callsPerRound; k++)
        series.push(await timeCall(() => call(round * callsPerRound + k)));
      if (round >= 0) medians[i].push(median(series));
    }
  }
  return medians;
}
