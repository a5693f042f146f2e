import type { AutoresetMode } from '@gymwire/protocol';
import type { TrainOptions } from '../generated/train-options.ts';
import type { CreateLearner, LearnerOptions } from '../td3/learner.ts';
import type { LearnerState } from '../td3/network-state.ts';
import type { ProgressEvent } from '../train/report/progress.ts';
import type { EnvRequest, MakeEnv, NewRun, ResumedRun, RunSettings } from '../train/train-request.ts';
import { IdentityEnv } from './fake-envs.ts';
import { FakeLearner } from './fake-learner.ts';
import { FakeVectorEnv } from './fake-vector-env.ts';

/** Small enough for a run of a few milliseconds with a FakeLearner. */
export const smallRun: TrainOptions = {
  envId: 'Identity-v0',
  totalEnvSteps: 60,
  learningStarts: 10,
  hiddenSizes: [4],
  batchSize: 4,
  bufferSize: 1000,
  evaluationInterval: 20,
  evaluationEpisodes: 3,
  logInterval: 8,
  checkpointInterval: 25,
};

/** A request through the advanced door: environments and learner of a test's own. */
export interface TestRequest extends RunSettings {
  readonly options: TrainOptions;
  readonly makeEnv: MakeEnv;
  readonly createLearner: CreateLearner;
  readonly runFolder?: string | undefined;
  readonly resume?: boolean | undefined;
}

type AskedOfTrain = (NewRun | ResumedRun) & Pick<TestRequest, 'makeEnv' | 'createLearner'>;

/** A request on the identity environment (episodes of 7 steps) that keeps what it made and what it was told. */
export class TestRun {
  readonly envs: { readonly request: EnvRequest; readonly env: FakeVectorEnv }[] = [];
  readonly learners: FakeLearner[] = [];
  readonly events: ProgressEvent[] = [];
  readonly request: AskedOfTrain;

  constructor(
    options: Partial<TrainOptions>,
    more: Partial<TestRequest> = {},
    mode: AutoresetMode = 'disabled',
  ) {
    const request: TestRequest = {
      options: { ...smallRun, autoresetMode: mode, ...options },
      makeEnv: async (request) => {
        const env = new FakeVectorEnv({
          make: () => new IdentityEnv(7),
          observationSize: 1,
          numEnvs: request.numEnvs,
          envId: request.envId,
          autoresetMode: request.autoresetMode,
          episodeSeeding: 'with-step',
        });
        this.envs.push({ request, env });
        return env;
      },
      createLearner: async (learnerOptions: LearnerOptions, state: LearnerState) => {
        const learner = new FakeLearner(learnerOptions, state);
        this.learners.push(learner);
        return learner;
      },
      onProgress: (event) => void this.events.push(event),
      ...more,
    };
    // Of a resume without a folder `train` itself has to say that it makes no sense.
    this.request = request as AskedOfTrain;
  }

  eventsOf<Type extends ProgressEvent['type']>(type: Type): Extract<ProgressEvent, { type: Type }>[] {
    return this.events.filter(
      (event): event is Extract<ProgressEvent, { type: Type }> => event.type === type,
    );
  }
}
