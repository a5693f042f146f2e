import { availableParallelism } from 'node:os';
import { shown } from '@gymwire/protocol';
import {
  checkWhere,
  expectFunctions,
  expectSignal,
  namesOf,
  refuseOtherNames,
} from '../env-client/open-connection.ts';
import { AgentError } from '../errors.ts';
import { chooseLearner } from '../td3/choose-learner.ts';
import type { SeedsRequest } from './seeds-request.ts';

const requestNames = namesOf<SeedsRequest>({
  server: true,
  envModule: true,
  seeds: true,
  options: true,
  groupFolder: true,
  resume: true,
  parallel: true,
  learner: true,
  learnerThreads: true,
  nodeFlags: true,
  takeOver: true,
  signal: true,
  killSignal: true,
  onEvent: true,
});

/** A run has a trainer with its environments, and a learner: two threads that are busy at the same time. */
const coresOfOneRun = 2;

/** Runs at a time where nobody says: half as many as there are cores, and one at least. */
export function usualParallel(cores: number = availableParallelism()): number {
  return Math.max(1, Math.floor(cores / coresOfOneRun));
}

/** What contradicts itself, before anything is done. @throws AgentError INVALID_OPTION */
export function checkSeedsRequest(request: SeedsRequest): void {
  const example =
    "{ server: '127.0.0.1:50051', seeds: [0, 1, 2], options: { envId }, groupFolder: 'runs/group' }";
  refuseOtherNames('trainSeeds', request, requestNames, example);
  checkWhere(request, ['server', 'envModule']);
  expectFunctions(request, ['onEvent']);
  expectSignal(request);
  expectSignal({ signal: request.killSignal });
  chooseLearner(request, () => undefined);
  checkModule(request.envModule);
  const { groupFolder, options, seeds, resume = false, parallel } = request;
  if (typeof groupFolder !== 'string')
    throw invalid(`groupFolder: expected a path, got ${shown(groupFolder)}`);
  if (options !== undefined && (typeof options !== 'object' || options === null)) {
    throw invalid(`options: expected an object with envId, got ${shown(options)}`);
  }
  if (options !== undefined && 'seed' in options && options.seed !== undefined) {
    throw invalid('options.seed: each run of a group has one of its seeds; leave it away');
  }
  if (parallel !== undefined && !(Number.isSafeInteger(parallel) && parallel >= 1)) {
    throw invalid(`parallel: expected a whole number above 0, got ${shown(parallel)}`);
  }
  if (!resume) checkSeeds(seeds);
  else if (seeds !== undefined) throw invalid('seeds: a group that is resumed has its own; leave them away');
}

function checkModule(envModule: unknown): void {
  if (envModule === undefined) return;
  const module: unknown =
    typeof envModule === 'object' && envModule !== null ? Reflect.get(envModule, 'module') : undefined;
  if (typeof module === 'string' || module instanceof URL) return;
  throw invalid(
    `envModule: expected { module }, the URL of a module that exports openEnvs, got ${shown(envModule)}`,
  );
}

function checkSeeds(seeds: unknown): void {
  if (!Array.isArray(seeds) || seeds.length === 0) {
    throw invalid(`seeds: expected an array of whole numbers, got ${shown(seeds)}`);
  }
  const seen = new Set<number>();
  for (const seed of seeds as readonly unknown[]) {
    if (typeof seed !== 'number' || !Number.isSafeInteger(seed) || seed < 0) {
      throw invalid(`seeds: expected whole numbers of at least 0, got ${shown(seed)}`);
    }
    if (seen.has(seed)) throw invalid(`seeds: ${seed} is there twice; equal seeds are equal runs`);
    seen.add(seed);
  }
}

function invalid(message: string): AgentError {
  return new AgentError('INVALID_OPTION', message);
}
