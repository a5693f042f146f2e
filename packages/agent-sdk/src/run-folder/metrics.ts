/**
 * The dictionary of metrics.jsonl: every kind of line and every field of it. No line holds a time of day or a
 * duration: equal seeds give equal bytes. What cannot be told yet is null.
 */
export const metricsDictionary = {
  /** A training episode ended. Its return has exploration noise in it: watch `evaluation` to judge a policy. */
  episode: {
    envSteps: 'transitions collected in all environments so far, those of this vector step included',
    envIndex: 'which environment of the vector',
    return: 'sum of the rewards of the episode',
    length: 'steps of the episode',
    terminated: 'true: the task ended; false: it was cut off',
  },
  /** The session of a training episode is gone, and the episode's end with it; its transitions so far are kept. */
  broken: {
    envSteps: 'transitions collected in all environments so far',
    envIndex: 'which environment of the vector',
    return: 'sum of the rewards until then',
    length: 'steps until then',
  },
  /** Every logInterval environment steps. */
  training: {
    envSteps: 'transitions collected in all environments so far',
    gradientSteps: 'updates of both critics so far',
    policyUpdates: 'updates of the actor and of all targets so far',
    replaySize: 'transitions in the replay buffer',
    droppedTransitions:
      'transitions left out so far: they were cut off, and the simulator does not tell what they led to; absent: none',
    episodes: 'episodes that ended since the line before',
    meanEpisodeReturn: 'mean return of these episodes, with exploration noise',
    meanEpisodeLength: 'mean length of these episodes',
    criticLoss: 'MSE(Q1, y) + MSE(Q2, y) of the last update',
    actorLoss: '−mean Q1(s, actor(s)) of the last policy update',
    meanQ: 'mean Q1(s, a) over the last batch',
    meanTarget: 'mean target y over the last batch',
    actorSaturation: 'share of the actor’s numbers beyond ±0.99 since the line before, noise apart',
  },
  /** Deterministic episodes on environments and seeds of their own, the same seeds each time. */
  evaluation: {
    envSteps: 'transitions collected in training so far',
    gradientSteps: 'updates of both critics so far',
    episodes: 'episodes played',
    meanReturn: 'mean return',
    stdReturn: 'standard deviation of the returns (divided by their number)',
    meanLength: 'mean length',
    returns: 'the return of each episode, in the order of the seeds',
    lengths: 'the length of each episode',
    isBest: 'whether this was the best evaluation so far; best.policy then holds this actor',
  },
  /** Something that a person should look at; training goes on. See `TrainWarning`. */
  warning: {
    envSteps: 'transitions collected so far',
    code: 'what it is, for programs',
    message: 'what it is, and what to try, for people',
  },
  /** The run was stopped and goes on here, with new episodes. */
  resume: {
    envSteps: 'transitions collected so far',
    gradientSteps: 'updates of both critics so far',
    resumes: 'how often the run was resumed',
  },
} as const;

type Fields<Kind extends keyof typeof metricsDictionary> = keyof (typeof metricsDictionary)[Kind];
type Numbers<Keys extends string> = { readonly [Key in Keys]: number };

export type EpisodeMetrics = Numbers<Exclude<Fields<'episode'>, 'terminated'>> & {
  readonly terminated: boolean;
};

export type BrokenEpisodeMetrics = Numbers<Fields<'broken'>>;

export type TrainingMetrics = {
  readonly [Key in Exclude<Fields<'training'>, 'droppedTransitions'>]: number | null;
} & {
  readonly droppedTransitions?: number;
};

export type EvaluationMetrics = Numbers<Exclude<Fields<'evaluation'>, 'returns' | 'lengths' | 'isBest'>> & {
  readonly returns: readonly number[];
  readonly lengths: readonly number[];
  readonly isBest: boolean;
};

export type WarningMetrics = {
  readonly envSteps: number;
  readonly code: string;
  readonly message: string;
};

export type ResumeMetrics = Numbers<Fields<'resume'>>;

/** One line of metrics.jsonl. */
export type MetricsLine =
  | ({ readonly type: 'episode' } & EpisodeMetrics)
  | ({ readonly type: 'broken' } & BrokenEpisodeMetrics)
  | ({ readonly type: 'training' } & TrainingMetrics)
  | ({ readonly type: 'evaluation' } & EvaluationMetrics)
  | ({ readonly type: 'warning' } & WarningMetrics)
  | ({ readonly type: 'resume' } & ResumeMetrics);

/** The kinds of lines in timing.jsonl. */
export const timingTypes: ReadonlySet<string> = new Set(['start', 'interval'] satisfies TimingLine['type'][]);

/** One line of timing.jsonl: all that depends on the machine. */
export type TimingLine =
  | {
      readonly type: 'start';
      readonly learner: string;
      readonly node: string;
      readonly platform: string;
      readonly envSteps: number;
    }
  | ({ readonly type: 'interval'; readonly envSteps: number } & IntervalTiming);

/** Since the line before, wall clock. */
export interface IntervalTiming {
  readonly seconds: number;
  readonly envStepsPerSecond: number;
  readonly gradientStepsPerSecond: number;
  /** Waiting for environments and acting; in pipelined mode at the same time as updating. */
  readonly collectSeconds: number;
  /** Sampling and updating. */
  readonly updateSeconds: number;
}

/** JSON has no NaN; a metric that is not a finite number has no value. */
export function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
