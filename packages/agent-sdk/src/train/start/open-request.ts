import { shown } from '@gymwire/protocol';
import type { TrainCallback } from '../../callbacks/callback.ts';
import { checkCallbacks } from '../../callbacks/check-callbacks.ts';
import {
  checkWhere,
  describeReconnect,
  expectFunctions,
  expectSignal,
  namesOf,
  openConnection,
  refuseOtherNames,
  type ServerOrConnection,
} from '../../env-client/open-connection.ts';
import { untilAborted } from '../../env-client/until-aborted.ts';
import { AgentError } from '../../errors.ts';
import { optionNames } from '../../options/option-table.ts';
import { chooseLearner } from '../../td3/choose-learner.ts';
import { coresOfEach } from '../../td3/compiled/threads/sensible-thread-count.ts';
import type { CreateLearner } from '../../td3/learner.ts';
import { eventOfConnection } from '../report/connection-events.ts';
import type { EventJournal } from '../report/event-journal.ts';
import type { ProgressTeller } from '../report/progress-teller.ts';
import type { MakeEnv, TrainRequest } from '../train-request.ts';
import type { Closing } from './closing.ts';
import { type EvaluationServer, makeAlike } from './evaluation-server.ts';
import { remoteMaker } from './remote-envs.ts';

/** What a run is made from, however it was asked for. */
export interface OpenedRequest {
  readonly makeEnv: MakeEnv;
  readonly createLearner: CreateLearner;
  readonly callbacks: readonly TrainCallback[];
  readonly runFolder: string | undefined;
  readonly signal: AbortSignal | undefined;
  /** Training goes on while an evaluation is played. */
  readonly evaluatesAlongside: boolean;
  /** Evaluations have a server of their own. */
  readonly evaluationServer?: EvaluationServer;
}

const requestNames = namesOf<TrainRequest>({
  server: true,
  connection: true,
  makeEnv: true,
  evaluationServer: true,
  evaluateAlongside: true,
  options: true,
  learner: true,
  learnerThreads: true,
  createLearner: true,
  runFolder: true,
  resume: true,
  takeOver: true,
  signal: true,
  onProgress: true,
  callbacks: true,
});

/** An option of the run beside `options`. */
function refuseMisplaced(request: object | undefined): void {
  const names: readonly string[] = optionNames;
  const option = Object.keys(request ?? {}).find((name) => names.includes(name));
  if (option === undefined) return;
  const message = `train takes no "${option}": it belongs into options, train({ options: { ${option} } })`;
  throw new AgentError('INVALID_OPTION', message);
}

function checkSettings(request: TrainRequest): void {
  const { options, runFolder, resume, takeOver, evaluateAlongside } = request;
  if (options !== undefined && (typeof options !== 'object' || options === null)) {
    throw new AgentError('INVALID_OPTION', `options: expected an object with envId, got ${shown(options)}`);
  }
  for (const [name, value, more = ''] of [
    ['resume', resume, typeof resume === 'string' ? '; the folder is runFolder' : ''],
    ['takeOver', takeOver],
    ['evaluateAlongside', evaluateAlongside],
  ] as const) {
    if (value === undefined || typeof value === 'boolean') continue;
    throw new AgentError('INVALID_OPTION', `${name}: expected true or false, got ${shown(value)}${more}`);
  }
  if (runFolder !== undefined && typeof runFolder !== 'string') {
    throw new AgentError('INVALID_OPTION', `runFolder: expected a path, got ${shown(runFolder)}`);
  }
}

/** What contradicts itself, before anything is done; TypeScript sees most of it. @throws AgentError INVALID_OPTION */
export function checkRequest(request: TrainRequest): void {
  refuseMisplaced(request);
  refuseOtherNames('train', request, requestNames, "{ server: '127.0.0.1:50051', options: { envId } }");
  checkWhere(request, ['server', 'connection', 'makeEnv']);
  if (request.evaluationServer !== undefined) checkWhere({ server: request.evaluationServer }, ['server']);
  expectFunctions(request, ['makeEnv', 'createLearner', 'onProgress']);
  expectSignal(request);
  checkSettings(request);
  checkCallbacks(request.callbacks);
  const { learner, learnerThreads, createLearner, resume = false, runFolder } = request;
  if (createLearner !== undefined && (learner !== undefined || learnerThreads !== undefined)) {
    const option = learner === undefined ? 'learnerThreads' : 'learner';
    throw new AgentError('INVALID_OPTION', `${option}: createLearner makes the learner; give one of the two`);
  }
  if (resume && runFolder === undefined) {
    throw new AgentError('INVALID_OPTION', 'resume: needs a run folder');
  }
}

/** Loads nothing yet. @param runsAtATime how many share the machine @throws AgentError INVALID_OPTION */
export function learnerOf(request: TrainRequest, teller: ProgressTeller, runsAtATime: number): CreateLearner {
  const tell = (message: string) => teller.notice(message);
  return request.createLearner ?? chooseLearner(request, tell, coresOfEach(runsAtATime));
}

/**
 * Connects to the server, where the request leaves that to us.
 * @throws AgentError INVALID_OPTION; GymwireError as `connect` does
 */
export async function openRequest(
  request: TrainRequest,
  createLearner: CreateLearner,
  { teller, journal }: { readonly teller: ProgressTeller; readonly journal: EventJournal },
  closing: Closing,
): Promise<OpenedRequest> {
  const { runFolder, signal, makeEnv, evaluationServer } = request;
  const { evaluateAlongside: evaluatesAlongside = evaluationServer !== undefined } = request;
  const { callbacks = [] } = request;
  const opened = { createLearner, callbacks, runFolder, signal, evaluatesAlongside };
  if (makeEnv !== undefined) return { ...opened, makeEnv: untilStopped(makeEnv, signal) };
  const tell = (message: string) => teller.notice(message);
  const open = async (where: ServerOrConnection) => {
    const { connection, close } = await openConnection(where, {
      signal,
      // An event of its own has it; see below.
      onReconnect: (event) => teller.tell({ type: 'notice', message: describeReconnect(event) }),
    });
    closing.push(async () => close());
    const unheard = connection.listen?.((event) => journal.note(eventOfConnection(event)));
    if (unheard !== undefined) closing.push(async () => unheard());
    const make = remoteMaker(connection, {
      isModeAsked: request.options?.autoresetMode !== undefined,
      onNotice: tell,
    });
    return { address: connection.address, make };
  };
  const training = await open(request);
  if (evaluationServer === undefined) return { ...opened, makeEnv: training.make };
  const evaluation = await open({ server: evaluationServer });
  return {
    ...opened,
    makeEnv: makeAlike(training, evaluation),
    evaluationServer: { address: evaluation.address, standIn: training.make, tell },
  };
}

/**
 * One that hangs must not keep the run from stopping; what it makes too late is closed. A run that is stopped before it begins has
 * its environments made, and saves itself as it is.
 */
function untilStopped(makeEnv: MakeEnv, signal: AbortSignal | undefined): MakeEnv {
  if (signal === undefined || signal.aborted) return makeEnv;
  return (wanted) =>
    untilAborted(
      signal,
      async () => makeEnv(wanted),
      (env) => env.close(),
    );
}
