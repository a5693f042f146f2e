import { once } from 'node:events';
import { GymwireError, messageOf } from '@gymwire/protocol';
import { AgentError } from '../errors.ts';
import type { ProgressEvent } from '../train/report/progress.ts';
import { trainBesideOthers } from '../train/train.ts';
import type { FromSeed, SeedOutcome, SeedTask, ToSeed } from './seed-messages.ts';
import type { OpenEnvs, OpenedEnvs } from './seeds-request.ts';

/** Steps are thousands a second; whoever watches sees no more than this many. */
const stepsToldEveryMs = 100;

/**
 * Plays the run that the group names, and tells how it ended.
 * @param controller stops the run
 */
export async function playSeed(controller: AbortController): Promise<void> {
  const { signal } = controller;
  process.on('message', (message: ToSeed) => {
    if (message.type === 'stop') controller.abort();
  });
  const first = await once(process, 'message', { signal }).catch(() => undefined);
  const message = first?.[0] as ToSeed | undefined;
  if (message?.type !== 'run') return tell(interrupted);
  await tell(await outcomeOf(message.task, signal));
}

const interrupted: SeedOutcome = { type: 'ended', status: 'interrupted', warnings: [] };

async function outcomeOf(task: SeedTask, signal: AbortSignal): Promise<SeedOutcome> {
  try {
    return await trainOn(await openEnvs(task, signal), task, signal);
  } catch (thrown) {
    if (signal.aborted && thrown === signal.reason) return interrupted;
    return { type: 'failed', failure: failureOf(thrown) };
  }
}

async function trainOn(
  { source, close }: OpenedEnvs,
  task: SeedTask,
  signal: AbortSignal,
): Promise<SeedOutcome> {
  const { options, runFolder, resume, takeOver, learner, learnerThreads, runsAtATime } = task;
  try {
    const request = { options, runFolder, resume, takeOver, learner, learnerThreads, signal };
    const onProgress = createTeller();
    const { status, warnings } = await trainBesideOthers({ ...request, ...source, onProgress }, runsAtATime);
    return { type: 'ended', status, warnings };
  } finally {
    await close?.();
  }
}

async function openEnvs({ source, runsAtATime }: SeedTask, signal: AbortSignal): Promise<OpenedEnvs> {
  if ('server' in source) return { source };
  const exported = (await import(source.module)) as { readonly openEnvs?: OpenEnvs };
  if (typeof exported.openEnvs !== 'function') {
    throw new AgentError('INVALID_OPTION', `envModule: ${source.module} exports no function openEnvs`);
  }
  return exported.openEnvs(source.data, { runsAtATime, signal });
}

/** When a step was told last decides what is seen, and nothing else. */
function createTeller(): (event: ProgressEvent) => void {
  let toldAt = -Infinity;
  return (event) => {
    if (event.type === 'step') {
      const now = performance.now();
      if (now - toldAt < stepsToldEveryMs && event.envSteps < event.totalEnvSteps) return;
      toldAt = now;
    }
    void tell({ type: 'progress', event });
  };
}

/** @returns once it is on its way; a group that is gone is told nothing */
async function tell(message: FromSeed): Promise<void> {
  if (!process.connected) return;
  await new Promise<void>((resolve) => {
    process.send?.(message, undefined, {}, () => resolve());
  });
}

function failureOf(thrown: unknown): Extract<SeedOutcome, { type: 'failed' }>['failure'] {
  const code = codeOf(thrown);
  const cause = thrown instanceof Error ? codeOf(thrown.cause) : undefined;
  const message = code === undefined && thrown instanceof Error ? (thrown.stack ?? '') : '';
  return { code: code ?? 'FAILURE', cause, message: message || messageOf(thrown) };
}

/** Those of errors that say what to do about them; Node's own have codes too. */
function codeOf(thrown: unknown): string | undefined {
  if (thrown instanceof AgentError || thrown instanceof GymwireError) return thrown.code;
  const code: unknown = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
