/** Environments that misbehave, one each way: neither their server nor its other sessions may notice. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { misbehavingEnvs } from '../support/misbehaving-envs.mjs';
import { MisbehavingServer, Neighbour, playMisbehaving } from '../support/play-misbehaving.mjs';

const names = misbehavingEnvs.map(({ id }) => id.replace('-v0', ''));

/** What no server contains that runs them in its own thread: see docs/serve-your-simulator.md. */
const harmfulInServer: ReadonlySet<string> = new Set(
  [
    ['ctorLoop', 'resetLoop', 'closeLoop', 'loop', 'slowSync'],
    ['exit', 'lateExit', 'abort', 'segfault', 'exhaustHeap', 'leak'],
    ['lateThrow', 'lateReject'],
    ['spam', 'patchProto'],
  ].flat(),
);
/** What ends the whole process, whichever thread does it. */
const harmfulInWorker: ReadonlySet<string> = new Set(['segfault']);

const givenUp = (call: string) => new RegExp(`ENV_FAILED .*${call}: the simulator did not answer within`);
const tooLarge = /ENV_FAILED step: the simulator returned too large an info: info/;
const died = (worker: RegExp, process: RegExp) => ({ worker, process });

/** What clients are told of those that a server without limits and isolation has no answer to. */
const expected: Readonly<Record<string, RegExp | { readonly worker: RegExp; readonly process: RegExp }>> = {
  ctorNever: givenUp('make'),
  ctorLoop: givenUp('make'),
  resetNever: givenUp('reset'),
  resetLoop: givenUp('reset'),
  stepNever: givenUp('step'),
  loop: givenUp('step'),
  renderNever: givenUp('render'),
  closeNever: givenUp('close'),
  closeLoop: givenUp('close'),
  hugeInfo: tooLarge,
  manyInfo: tooLarge,
  slowSync: /^all went well$/,
  spam: /^all went well$/,
  patchProto: /^all went well$/,
  exit: died(/simulator's thread ended with exit code 3/, /simulator's process died \(exit code 3\)/),
  lateExit: died(/simulator's thread ended with exit code 3/, /simulator's process died \(exit code 3\)/),
  lateThrow: /simulator's (thread|process) failed: late/,
  lateReject: /simulator's (thread|process) failed: floating/,
  abort: died(/not supported in workers/, /simulator's process died \(SIGABRT\)/),
  segfault: died(/never played/, /simulator's process died \(SIGSEGV\)/),
  leak: /it holds \d+ MB of memory, more than the 300 of maxMemoryMb/,
  exhaustHeap: died(
    /reaching memory limit/,
    /JavaScript heap out of memory|more than the 300 of maxMemoryMb/,
  ),
};

/** Plays them, some at a time, beside a neighbour. @returns what each client was told */
async function playAll(server: MisbehavingServer, played: readonly string[]) {
  const queue = [...played];
  const told = new Map<string, string>();
  const playNext = async () => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
      told.set(name, await playMisbehaving(server.address, name));
    }
  };
  await Promise.all(Array.from({ length: 6 }, playNext));
  return told;
}

describe.each(['server', 'worker', 'process'] as const)('environments that misbehave in a %s', (place) => {
  const harmful = { server: harmfulInServer, worker: harmfulInWorker, process: new Set<string>() }[place];
  const played = names.filter((name) => !harmful.has(name));

  // Many processes: against hanging only.
  it('leave the server, its neighbours and its places as they were', { timeout: 300_000 }, async () => {
    const server = await MisbehavingServer.start(place);
    onTestFinished(() => server.stop('SIGKILL'));
    const neighbour = await Neighbour.move(server.address);
    const told = await playAll(server, played);

    expect(await neighbour.isWell(), neighbour.trouble).toBe(true);
    await expect.poll(() => server.sessionCount(), { timeout: 30_000 }).toBe(1);
    for (const name of played) {
      const wanted =
        expected[name] ?? /^(all went well|[a-z]+: (?!SERVER_UNAVAILABLE|CAPACITY|DEADLINE)[A-Z_]+ )/;
      const pattern = wanted instanceof RegExp || place === 'server' ? wanted : wanted[place];
      expect({ [name]: told.get(name) }).toEqual({ [name]: expect.stringMatching(pattern as RegExp) });
    }
    await neighbour.leave();
    await server.stop();
  });
});
