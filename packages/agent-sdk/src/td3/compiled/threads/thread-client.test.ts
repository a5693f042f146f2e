import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { ThreadClient } from './thread-client.ts';

/** A thread that announces itself and then runs `code` for each request. */
function client(code: string, start = `port.postMessage({ kind: 'done', value: 'a thread' })`): ThreadClient {
  const script = `
    const { parentPort: port } = require('node:worker_threads');
    port.on('message', (request) => { ${code} });
    ${start};`;
  return new ThreadClient(new Worker(script, { eval: true, stderr: true }));
}

const dead = { name: 'AgentError', code: 'TRAINING_FAILED' };

describe('ThreadClient', () => {
  it('answers with what the thread says, and stops it', async () => {
    const thread = client(`port.postMessage({ kind: 'done', value: request.kind })`);
    expect(await thread.started()).toBe('a thread');
    expect(await thread.ask({ kind: 'readMetrics' })).toBe('readMetrics');
    await thread.stop();
  });

  it('gives back an AgentError with its code and any other error with its stack', async () => {
    const coded = client(
      `port.postMessage({ kind: 'failed', code: 'INVALID_STATE', message: request.kind })`,
    );
    await coded.started();
    await expect(coded.ask({ kind: 'update' })).rejects.toMatchObject({
      name: 'AgentError',
      code: 'INVALID_STATE',
      message: 'update',
    });
    const plain = client(
      `port.postMessage({ kind: 'failed', message: 'odd', stack: 'Error: odd\\n at thread' })`,
    );
    await plain.started();
    await expect(plain.ask({ kind: 'update' })).rejects.toMatchObject({
      name: 'Error',
      message: 'odd',
      stack: 'Error: odd\n at thread',
    });
  });

  it('fails what is under way and all that follows when the thread throws', async () => {
    const thread = client(`throw new Error('out of memory')`);
    await thread.started();
    await expect(thread.ask({ kind: 'update' })).rejects.toMatchObject({
      ...dead,
      message: 'the learner thread failed: out of memory',
      cause: expect.objectContaining({ message: 'out of memory' }) as Error,
    });
    await expect(thread.ask({ kind: 'readMetrics' })).rejects.toMatchObject(dead);
    await thread.stop();
  });

  it('fails what is under way when the thread leaves', async () => {
    const thread = client(`process.exit(3)`);
    await thread.started();
    await expect(thread.ask({ kind: 'update' })).rejects.toMatchObject({
      ...dead,
      message: expect.stringContaining('exit code 3') as string,
    });
    await thread.stop();
  });

  it('passes on that the thread could not start', async () => {
    const thread = client(
      '',
      `port.postMessage({ kind: 'failed', code: 'BACKEND_UNAVAILABLE', message: 'none' })`,
    );
    await expect(thread.started()).rejects.toMatchObject({ code: 'BACKEND_UNAVAILABLE', message: 'none' });
  });
});
