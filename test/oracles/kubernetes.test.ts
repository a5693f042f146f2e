/**
 * Manifests for Kubernetes, which nobody has run on a cluster: built by kustomize, held against Kubernetes' schemas, and what no schema
 * knows: that they fit together, that pods may do little, and that their commands and probes work.
 */
import { X509Certificate } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { readProject } from '../../scripts/manifests.mjs';
import { run } from '../../scripts/tools.mjs';
import { startCli } from '../support/cli.ts';
import { startProgram } from '../support/node-program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { DEPLOY, deployed, installJudges, must, withGymwire } from './harness/deployment.ts';
import { installGoProgram } from './harness/go-program.ts';
import { type KubeObject, looseEnds, looseLinks, podOf } from './harness/manifests.ts';

const kustomizations = ['namespace', 'servers', 'trainer', 'seeds', 'encrypted-network'];

let python: string;
let kustomize: string;
let probe: string;
/** A copy, with secrets. */
let folder: string;

beforeAll(async () => {
  ({ python } = await installJudges());
  kustomize = await installGoProgram('sigs.k8s.io/kustomize/kustomize/v5', 'v5.8.1');
  probe = await installGoProgram('github.com/grpc-ecosystem/grpc-health-probe', 'v0.4.62');
  folder = mkdtempSync(join(tmpdir(), 'gymwire-kubernetes-'));
  cpSync(join(DEPLOY, 'kubernetes'), folder, { recursive: true });
  await must('bash', [join(folder, 'make-secrets.sh')]);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What `kubectl apply -k` would send. */
const build = (name: string) => must(kustomize, ['build', join(folder, name)]);

async function objectsOf(name: string): Promise<KubeObject[]> {
  const program =
    'import json, sys, yaml; json.dump(list(yaml.safe_load_all(open(sys.argv[1]))), sys.stdout)';
  return JSON.parse(await must(python, ['-c', program, written(await build(name))])) as KubeObject[];
}

function written(yaml: string): string {
  const path = join(temporaryFolder(), 'objects.yaml');
  writeFileSync(path, yaml);
  return path;
}

const validate = (yaml: string, version: string) =>
  run(python, ['-m', 'kubernetes_validate', '--strict', '-k', version, written(yaml)], { capture: true });

describe.each(kustomizations)('%s', (name) => {
  it.each(['1.33', '1.37'])('is what Kubernetes %s takes', async (version) => {
    expect(await validate(await build(name), version)).toMatchObject({ code: 0 });
  });

  it('gives pods no more than they need', async () => {
    expect(looseEnds(await objectsOf(name))).toEqual([]);
  });
});

it.each([[['servers', 'trainer']], [['encrypted-network', 'trainer']], [['seeds']]])(
  '%s fit together',
  async (names) => {
    const objects = await Promise.all(names.map(objectsOf));
    expect(looseLinks(objects.flat())).toEqual([]);
  },
);

describe('the schemas turn red', () => {
  it.each([
    ['servers', 'replicas: 4', 'replicas: four', "'four' is not of type"],
    ['servers', 'readinessProbe:', 'readynessProbe:', "'readynessProbe' was unexpected"],
    [
      'encrypted-network',
      'grpc:\n            port: 50051',
      'grpc:\n            name: 50051',
      "'port' is a required property",
    ],
    ['seeds', 'completions: 5', 'completion: 5', "'completion' was unexpected"],
  ])('in %s, %s becomes %s', async (name, from, to, message) => {
    const yaml = await build(name);
    expect(yaml).toContain(from);
    const { code, stdout, stderr } = await validate(yaml.replace(from, to), '1.37');
    expect([code, stdout + stderr]).toEqual([1, expect.stringContaining(message)]);
  });
});

describe('what is loose turns red', () => {
  it.each([
    ['"runAsNonRoot":true', '"runAsNonRoot":false', 'StatefulSet env-servers runs as root'],
    [
      '"readOnlyRootFilesystem":true',
      '"readOnlyRootFilesystem":false',
      'StatefulSet env-servers writes to its image',
    ],
    ['"drop":["ALL"]', '"drop":[]', 'StatefulSet env-servers has capabilities'],
    [
      '"automountServiceAccountToken":false',
      '"automountServiceAccountToken":true',
      'StatefulSet env-servers has a token of the cluster',
    ],
    ['"defaultMode":288', '"defaultMode":420', 'StatefulSet env-servers shows its secrets'],
  ])('%s becomes %s', async (from, to, fault) => {
    const text = JSON.stringify(await objectsOf('servers'));
    expect(text).toContain(from);
    expect(looseEnds(JSON.parse(text.replace(from, to)) as KubeObject[])).toEqual([fault]);
  });

  it.each([
    ['dns:///env-servers:50051', 'dns:///env-server:50051', 'Job trainer: nobody is at env-server:50051'],
    ['gymwire/ca.crt', 'gymwire/ca.pem', 'Job trainer: no secret is at /run/secrets/gymwire/ca.pem'],
    ['"serviceName":"env-servers"', '"serviceName":"servers"', 'env-servers has no Service'],
    ['"containerPort":50051', '"containerPort":50052', 'env-servers is at another port than its server'],
    ['"port":50051,"protocol":"TCP"', '"port":50052,"protocol":"TCP"', 'env-servers opens another port'],
  ])('%s becomes %s', async (from, to, fault) => {
    const text = JSON.stringify([...(await objectsOf('servers')), ...(await objectsOf('trainer'))]);
    expect(text).toContain(from);
    expect(looseLinks(JSON.parse(text.replace(from, to)) as KubeObject[])).toContain(fault);
  });
});

describe('the secrets', () => {
  const secret = (name: string) => join(folder, 'servers', 'secrets', name);

  it('are for whoever made them alone', () => {
    const modes = ['token', 'ca.crt', 'tls.crt', 'tls.key'].map(
      (name) => statSync(secret(name)).mode & 0o777,
    );
    expect(modes).toEqual([0o600, 0o600, 0o600, 0o600]);
  });

  it('hold for every name of the servers, and for no other', () => {
    const certificate = new X509Certificate(readFileSync(secret('tls.crt')));
    expect(certificate.verify(new X509Certificate(readFileSync(secret('ca.crt'))).publicKey)).toBe(true);
    const names = [
      'env-servers',
      'env-servers.gymwire.svc',
      'env-servers-3.env-servers.gymwire.svc.cluster.local',
    ];
    for (const name of names) expect(certificate.checkHost(name)).toBeDefined();
    expect(certificate.checkHost('env-servers.elsewhere')).toBeUndefined();
  });

  it('reach trainers without the key of the servers', async () => {
    const secrets = (await objectsOf('servers')).filter(({ kind }) => kind === 'Secret');
    expect(secrets.map(({ metadata, data }) => [metadata.name, Object.keys(data ?? {}).sort()])).toEqual([
      ['env-servers', ['tls.crt', 'tls.key', 'token']],
      ['env-servers-clients', ['ca.crt', 'token']],
    ]);
  });
});

it('every file says that nobody has run it on a cluster', () => {
  const files = deployed('.yaml').filter((path) => !path.endsWith('kustomization.yaml'));
  expect(files.length).toBeGreaterThan(4);
  for (const file of files) expect(readFileSync(file, 'utf8')).toContain('Not run on a cluster');
});

/** The server as its pod starts it. @returns its address, and the probes' command for it */
async function startServer(name: string): Promise<{ address: string; probe: readonly string[] | undefined }> {
  const [server] = (await objectsOf(name)).flatMap((object) => podOf(object) ?? []);
  const args = (server?.container.args ?? []).map((argument) =>
    argument
      .replace('/run/secrets/gymwire', join(folder, 'servers', 'secrets'))
      .replace('--host=0.0.0.0', '--host=127.0.0.1')
      .replace('--port=50051', '--port=0'),
  );
  const program = startCli(['--json', ...args], temporaryFolder());
  const [line] = await program.printed(/^.*"type":"listening".*$/m);
  const { address } = JSON.parse(line) as { address: string };
  const { readinessProbe } = server?.container ?? {};
  const command = readinessProbe?.exec?.command.map((word) => word.replace('127.0.0.1:50051', address));
  expect(command?.[0] ?? 'grpc-health-probe').toBe('grpc-health-probe');
  return { address, probe: command?.slice(1) };
}

describe('probes', () => {
  const ask = (args: readonly string[]) => run(probe, args, { capture: true });

  it('find a server with TLS well, which Kubernetes’ own probe could not ask', async () => {
    const { address, probe: command } = await startServer('servers');
    expect(await ask(command ?? [])).toMatchObject({ code: 0 });
    expect((await ask([`-addr=${address}`, '-connect-timeout=2s'])).code).not.toBe(0);
  });

  it('of a server without TLS are Kubernetes’ own, which ask without a token', async () => {
    const { address, probe: command } = await startServer('encrypted-network');
    expect(command).toBeUndefined();
    expect(await ask([`-addr=${address}`])).toMatchObject({ code: 0 });
  });

  it('turn red where no server is', async () => {
    expect((await ask(['-addr=127.0.0.1:1', '-connect-timeout=1s'])).code).not.toBe(0);
  });
});

/** A container's command as its pod starts it, with a short training on Pendulum. */
async function startPod(name: string, changes: ReadonlyArray<readonly [string, string]>) {
  const [pod] = (await objectsOf(name)).flatMap((object) => podOf(object) ?? []);
  if (pod === undefined) throw new Error(`${name} makes no pod`);
  const { command, args } = pod.container;
  const runs = temporaryFolder();
  const shorter = [
    ['HalfCheetah-v5', 'Pendulum-v1'],
    ['--steps=1000000', '--steps=400'],
    ['/run/secrets/gymwire', join(folder, 'servers', 'secrets')],
    ...changes,
  ] as const;
  const words = args.map((word) =>
    shorter.reduce((text, [from, to]) => text.replaceAll(from, to), word).replace(/^\/runs/, runs),
  );
  expect(command).toEqual(['train-or-resume.sh']);
  const start = () => {
    const program = startProgram(join(DEPLOY, 'train-or-resume.sh'), words, runs, withGymwire);
    onTestFinished(() => program.stop());
    return program.ended();
  };
  return { runs, start };
}

describe('jobs', () => {
  it('train seed after seed, each in a folder of its own, and find a run that has ended', async () => {
    const { runs, start } = await startPod('seeds', [['$(SEED)', '3']]);
    expect(await start()).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('halfcheetah/seed3') as string,
    });
    const config = readFileSync(join(runs, 'halfcheetah', 'seed3', 'config.json'), 'utf8');
    expect(JSON.parse(config)).toMatchObject({ options: { seed: 3 } });
    expect(await start()).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('nothing was left to do') as string,
    });
  });

  it('train over the servers, by name, with their token and certificate', async () => {
    const { address } = await startServer('servers');
    const { start } = await startPod('trainer', [
      // By a name with records, which the certificate holds for as for the Service's.
      ['env-servers:50051', address.replace('127.0.0.1', 'localhost')],
      ['--num-envs=32', '--num-envs=4'],
    ]);
    expect(await start()).toMatchObject({ code: 0 });
  });
});

it('images are of this version', async () => {
  const images = await Promise.all(['servers', 'trainer', 'seeds'].map(objectsOf));
  const found = images.flat().flatMap((object) => podOf(object)?.container.image ?? []);
  const { version } = readProject();
  expect(found).toEqual(
    ['server', 'trainer', 'trainer'].map((name) => `registry.example/gymwire-${name}:${version}`),
  );
});
