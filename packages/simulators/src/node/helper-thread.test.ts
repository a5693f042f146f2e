import { describe, expect, it } from 'vitest';
import { HelperThread } from './helper-thread.ts';

/** Does what a job says, in the form in which `answerAsHelper` answers. */
const entry = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort, threadId } from 'node:worker_threads';
    const error = (message) => ({ name: 'Error', message, details: {} });
    parentPort.on('message', (job) => {
      if (job === 'die') process.exit(3);
      if (job === 'throw out of turn') throw new Error('out of turn');
      if (job === 'fail') return parentPort.postMessage({ error: error('it failed'), isLast: false });
      if (job === 'fail for good') return parentPort.postMessage({ error: error('it aborted'), isLast: true });
      parentPort.postMessage({ result: job + ' ' + threadId });
    });
  `)}`,
);

type Job = string | (() => void);

const threadOf = (result: string) => result.split(' ').at(-1);

describe('HelperThread', () => {
  it('does one job after the other, in one thread', async () => {
    const helper = new HelperThread<Job, string>(entry, 'echoes');
    const results = await Promise.all(['a', 'b', 'c'].map((job) => helper.ask(job)));
    expect(results.map((result) => result[0])).toEqual(['a', 'b', 'c']);
    expect(new Set(results.map(threadOf)).size).toBe(1);
  });

  it.each([
    ['fails', 'fail', /^it failed$/],
    ['ends its thread', 'die', /^the thread that echoes ended: exit code 3$/],
    ['makes it throw', 'throw out of turn', /^the thread that echoes ended: out of turn$/],
    ['leaves it unable to go on', 'fail for good', /^it aborted$/],
    ['cannot be sent', () => undefined, /could not be cloned/],
  ] as const)('tells who asked for a job that %s, and does the others', async (_, job, message) => {
    const helper = new HelperThread<Job, string>(entry, 'echoes');
    const asked = [helper.ask('before'), helper.ask(job), helper.ask('after')];
    const [before, failed, after] = await Promise.allSettled(asked);
    expect(before).toMatchObject({ status: 'fulfilled' });
    expect(failed).toMatchObject({ reason: { message: expect.stringMatching(message) } });
    expect(after).toMatchObject({ value: expect.stringMatching(/^after \d+$/) });
  });

  it('gives its thread up when there was no work for a while, and starts another one', async () => {
    const helper = new HelperThread<Job, string>(entry, 'echoes', 1);
    const first = threadOf(await helper.ask('a'));
    await expect.poll(async () => threadOf(await helper.ask('b'))).not.toBe(first);
  });

  it('tells everybody who asks when no thread can be started', async () => {
    const helper = new HelperThread<Job, string>(new URL('https://127.0.0.1/not-a-file.js'), 'echoes');
    const asked = await Promise.allSettled(['a', 'b', 'c'].map((job) => helper.ask(job)));
    asked.push(...(await Promise.allSettled([helper.ask('d')])));
    const told = { code: 'ENV_FAILED', message: expect.stringMatching(/that echoes could not be started: /) };
    for (const { status, reason } of asked as PromiseRejectedResult[]) {
      expect(status).toBe('rejected');
      expect(reason).toMatchObject(told);
    }
  });
});
