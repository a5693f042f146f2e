/**
 * Round trips between two processes on loopback: a raw TCP echo, a bare grpc-js unary echo and a real Pendulum
 * step over gymwire's stream with arrays decoded, carrying the same bytes and interleaved, so that noise of the
 * machine meets all alike.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { connect } from '@gymwire/agent-sdk';
import { isTensor } from '@gymwire/protocol';
import { describeMachine } from '../support/machine.ts';
import { median, summarize, timeCall } from '../support/statistics.ts';
import { connectTcpEcho, connectUnaryEcho, echoRequest } from './echo.ts';
import type { ServerPorts } from './server-process.ts';

/** What a Pendulum step takes on the wire: InteractRequest and InteractResponse, each with gRPC's 5-byte prefix. */
const requestBytes = 24;
const responseBytes = 50;
const rounds = 40;
const callsPerRound = 250;
const vectorCallsPerRound = 50;

export async function runWireBench(): Promise<void> {
  const child = fork(fileURLToPath(new URL('./server-process.js', import.meta.url)));
  try {
    const [ports] = (await once(child, 'message')) as [ServerPorts];
    await measure(ports);
  } finally {
    child.disconnect();
  }
}

async function measure(ports: ServerPorts): Promise<void> {
  const tcp = await connectTcpEcho(ports.tcp);
  const unary = connectUnaryEcho(ports.unary);
  const connection = await connect(ports.gymwire);
  const env = await connection.make('Pendulum-v1', { maxEpisodeSteps: 0 });
  await env.reset({ seed: 0 });
  const many = await connection.makeVector('Pendulum-v1', { numEnvs: 256, maxEpisodeSteps: 0 });
  await many.reset({ seed: 0 });
  const request = echoRequest(requestBytes, responseBytes);
  const actions = new Float32Array(256).fill(0.5);
  const checked = async () => {
    const { observation } = await env.step([0.5]);
    if (!isTensor(observation) || observation.data.length !== 3)
      throw new Error('the step carried no observation');
  };
  const subjects = [
    { name: 'raw TCP echo', calls: callsPerRound, call: () => tcp.call(request) },
    { name: 'grpc-js unary echo', calls: callsPerRound, call: () => unary.call(request) },
    { name: 'gymwire stream, 1 env', calls: callsPerRound, call: checked },
    { name: 'gymwire stream, 256 envs', calls: vectorCallsPerRound, call: () => many.step(actions) },
  ];
  const times = subjects.map((): number[] => []);
  const roundMedians = subjects.map((): number[] => []);
  for (let round = -5; round < rounds; round++) {
    for (const [i, { calls, call }] of subjects.entries()) {
      const series: number[] = [];
      for (let k = 0; k < calls; k++) series.push(await timeCall(call));
      if (round < 0) continue; // warm-up
      times[i].push(...series);
      roundMedians[i].push(median(series));
    }
  }
  tcp.socket.destroy();
  unary.client.close();
  await env.close();
  await many.close();
  connection.close();

  console.log(`round trips, client and server in two processes; ${describeMachine()}\n`);
  console.table(
    Object.fromEntries(
      subjects.map(({ name }, i) => {
        const { p50Us, p99Us, count } = summarize(times[i]);
        return [name, { 'p50 µs': Math.round(p50Us), 'p99 µs': Math.round(p99Us), calls: count }];
      }),
    ),
  );
  const ratio = (a: number, b: number) =>
    median(roundMedians[a].map((x, i) => x / roundMedians[b][i])).toFixed(2);
  console.log(`stream / raw TCP echo:     ${ratio(2, 0)}   (wanted: at most 1.6)`);
  console.log(`stream / unary echo:       ${ratio(2, 1)}   (wanted: at most 0.5)`);
  console.log(`256 envs / 1 env:          ${ratio(3, 2)}   (wanted: below 4)`);
  const perSecond = 256 / (median(roundMedians[3]) / 1e9);
  console.log(`256 envs in one message:   ${Math.round(perSecond).toLocaleString('en')} env steps/s`);
}
