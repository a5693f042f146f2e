/** `serve --xml`: MuJoCo models of the operator's own. No client can name a file. */
import { type EnvRegistration } from '@gymwire/env-server';
import { GymwireError } from '@gymwire/protocol';
import { modelEnvFromFile, mujocoEnvFromFile } from '@gymwire/simulators';
import { InvalidArgumentError } from 'commander';

export interface ModelEnv {
  readonly id: string;
  /** The environment of Gymnasium's whose rules the model gets; absent: none. */
  readonly task?: string;
  readonly path: string;
}

/** Collects `Quadruped-v0=scene.xml` and `Quadruped-v0=Ant-v5:scene.xml`. */
export function collectModelEnv(text: string, previous: readonly ModelEnv[]): readonly ModelEnv[] {
  const [, id, task, path] = /^([^=]+-v\d+)=(?:([\w-]+-v\d+):)?(.+)$/.exec(text) ?? [];
  if (id === undefined || path === undefined) {
    throw new InvalidArgumentError(
      'Expected an id with a version and a file, such as Arm-v0=arm.xml or Quadruped-v0=Ant-v5:quadruped.xml.',
    );
  }
  if (previous.some((model) => model.id === id)) throw new InvalidArgumentError(`${id} was given twice.`);
  return [...previous, { id, path, ...(task === undefined ? {} : { task }) }];
}

/** @throws GymwireError INVALID_ARGUMENT naming the option, the file and what is wrong with it */
export function readModelEnvs(models: readonly ModelEnv[]): Promise<EnvRegistration[]> {
  return Promise.all(models.map(readModelEnv));
}

async function readModelEnv({ id, task, path }: ModelEnv): Promise<EnvRegistration> {
  try {
    return await (task === undefined
      ? modelEnvFromFile({ id, path })
      : mujocoEnvFromFile({ id, task, path }));
  } catch (error) {
    if (!(error instanceof GymwireError)) throw error;
    throw new GymwireError('INVALID_ARGUMENT', `--xml ${id}: ${error.message}`, {
      details: error.details,
      cause: error,
    });
  }
}
