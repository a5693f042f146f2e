import { Worker } from 'node:worker_threads';
import { expect, it, vi } from 'vitest';
import type { HostData } from './host-messages.ts';
import { ThreadGroup } from './thread-group.ts';

const share: HostData = {
  envId: 'Arm-v0',
  module: { url: 'data:text/javascript,', exportName: 'arm' },
  given: { kind: 'dict', entries: [] },
  first: 0,
  copies: 1,
  isVector: true,
  maxEpisodeSteps: undefined,
  autoresetMode: 'disabled',
  strictInfo: false,
  maxMessageBytes: 2 ** 20,
};

/** What no thread can be started with, as if the system had none left. */
const unsendable = () => 0;

it('a group of which one thread cannot be started leaves none of the others behind', () => {
  const terminate = vi.spyOn(Worker.prototype, 'terminate');
  const shares: readonly HostData[] = [share, share, Object.assign({}, share, { given: unsendable })];
  expect(() => new ThreadGroup(shares, { sleeps: true })).toThrow(
    expect.objectContaining({
      code: 'ENV_FAILED',
      message: expect.stringMatching(/^a thread for the simulator could not be started: /),
    }),
  );
  expect(terminate).toHaveBeenCalledTimes(2);
  terminate.mockRestore();
});
