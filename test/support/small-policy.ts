import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EnvConnection, TrainOptions } from '@gymwire/agent-sdk';
import type { MakeEnv } from '@gymwire/agent-sdk/parts';
import { exportPolicy } from '@gymwire/exporter';
import { localEnvs } from './local-env.ts';
import { trainSmall } from './small-training.ts';

/** A run and its exported policy, made in a moment. */
export async function smallPolicy(
  folder: string,
  options: Partial<TrainOptions> = { maxEpisodeSteps: null },
  where: EnvConnection | MakeEnv = localEnvs('same-step'),
): Promise<{ run: string; policy: string }> {
  const run = join(folder, 'small');
  const { policy: snapshot } = await trainSmall(where, options, { runFolder: run });
  const policy = join(folder, 'policy.onnx');
  writeFileSync(policy, (await exportPolicy(snapshot)).bytes);
  return { run, policy };
}
