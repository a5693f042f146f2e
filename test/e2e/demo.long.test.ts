/** The demo, which trains until Pendulum is solved. */
import { expect, it } from 'vitest';
import { runCli, startCli } from '../support/cli.ts';
import type { ProgramResult } from '../support/node-program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// The demo trains for some seconds; what it does afterwards must heed Ctrl-C as well. That takes about a second, in
// which a busy machine may not get round to sending the signal: a demo that has ended by then proves nothing.
it.runIf(process.platform !== 'win32')('stops at Ctrl-C when it has trained, too', async () => {
  const folder = temporaryFolder();
  let ended: ProgramResult | undefined;
  for (let attempt = 0; attempt < 5 && ended?.code !== 130; attempt++) {
    const demo = startCli(['demo', '--out', `run-${attempt}`], folder);
    await demo.printed(/^3\. exporting/m);
    ended = await demo.kill('SIGINT');
    expect([0, 130]).toContain(ended.code);
  }
  expect(ended?.code).toBe(130);
  const [, run] = /go on with: gymwire export (\S+)/.exec(ended?.stdout ?? '') ?? [];
  expect(ended?.stdout).not.toContain('return before training');
  expect((await runCli(['export', run ?? 'nowhere', '--out', 'policy.onnx'], folder)).code).toBe(0);
});
