import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { exportCommand, quoted, resumeCommand } from './next-command.ts';

describe('a command to go on with', () => {
  it('says again how servers are reached and what computes, and no more', () => {
    const flags = {
      env: 'Pendulum-v1',
      seed: 3,
      out: 'run',
      takeOver: true,
      learner: 'auto',
      learnerThreads: '2',
      server: 'a:1,b:2',
      fleetMode: 'elastic',
      evalServer: 'c:3',
      tokenFile: 'my token',
      tls: true,
      ca: 'ca.pem',
      tlsCert: 'cert.pem',
      tlsKey: 'key.pem',
      tlsServerName: 'sims',
      insecure: false,
      callDeadlineMs: 500,
      stepDeadlineMs: 200,
      reconnectTimeoutMs: 0,
    } as const;
    expect(resumeCommand('run', flags)).toBe(
      'gymwire train --resume run --server a:1,b:2 --fleet-mode elastic --eval-server c:3 ' +
        `--token-file ${quoted('my token')} --tls --ca ca.pem --tls-cert cert.pem --tls-key key.pem --tls-server-name sims ` +
        '--call-deadline-ms 500 --step-deadline-ms 200 --reconnect-timeout-ms 0 --learner-threads 2',
    );
    expect(resumeCommand('runs', { serversFile: 'hosts', parallel: 2, insecure: true })).toBe(
      'gymwire train --resume runs --parallel 2 --servers-file hosts --insecure',
    );
  });

  it
    .skipIf(process.platform === 'win32')
    .each(['runs/a', 'my runs/a', 'o\'neill $HOME `id` "x" \\ ; * ~', '~', ''])(
    'a shell takes %j for one word, as it is',
    (word) => {
      expect(execFileSync('sh', ['-c', `printf %s ${quoted(word)}`], { encoding: 'utf8' })).toBe(word);
    },
  );

  it('paths of Windows stay as they are, in double quotes where they hold spaces', () => {
    expect(quoted('C:\\runs\\a', 'win32')).toBe('C:\\runs\\a');
    expect(quoted('C:\\my runs\\a', 'win32')).toBe('"C:\\my runs\\a"');
    expect(exportCommand('run')).toBe('gymwire export run --out policy.onnx');
  });
});
