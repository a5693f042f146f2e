/**
 * The dictionary of metrics.jsonl: every kind of line and every field of it. It has what was learnt and nothing else, no time of
 * day, no duration, no warning and no resume: equal learning gives equal bytes. What cannot be told yet is null.
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
    valueStates:
      'states of these episodes whose discounted return is known: the episode terminated, or what was cut off would weigh less than 1 %; of long episodes every second, fourth … step, 256 at most, or one an episode',
    meanQ: 'mean Q1(s, a) of these states and the actions played; null: there are none',
    meanMinQ: 'mean of the smaller of Q1(s, a) and Q2(s, a) of the same',
    meanDiscountedReturn: 'mean of what really came: the discounted return of the episode from there on',
    overestimation:
      'meanQ − meanDiscountedReturn; above zero the critics promise too much, which is what TD3 is about (Fujimoto et al. 2018, figure 1)',
    isBest: 'whether this was the best evaluation so far; best.policy then holds this actor',
  },
  /** What a callback of one's own has measured. */
  custom: {
    envSteps: 'transitions collected in all environments so far',
    gradientSteps: 'updates of both critics so far',
    callback: 'its name',
    metrics: 'its numbers by their names; null: no value',
  },
} as const;

type Fields<Kind extends keyof typeof metricsDictionary> = keyof (typeof metricsDictionary)[Kind];
type Numbers<Keys extends string> = { readonly [Key in Keys]: number };

export type EpisodeMetrics = Numbers<Exclude<Fields<'episode'>, 'terminated'>> & {
  readonly terminated: boolean;
};

export type TrainingMetrics = {
  readonly [Key in Exclude<Fields<'training'>, 'droppedTransitions'>]: number | null;
} & {
  readonly droppedTransitions?: number;
};

/** What the critics believe of states of an evaluation, against what came of them. */
export interface ValueMetrics {
  readonly valueStates: number;
  readonly meanQ: number | null;
  readonly meanMinQ: number | null;
  readonly meanDiscountedReturn: number | null;
  readonly overestimation: number | null;
}

export type EvaluationMetrics = ValueMetrics &
  Numbers<Exclude<Fields<'evaluation'>, 'returns' | 'lengths' | 'isBest' | keyof ValueMetrics>> & {
    readonly returns: readonly number[];
    readonly lengths: readonly number[];
    readonly isBest: boolean;
  };

export interface CustomMetrics {
  readonly envSteps: number;
  readonly gradientSteps: number;
  readonly callback: string;
  readonly metrics: Readonly<Record<string, number | null>>;
}

/** One line of metrics.jsonl. */
export type MetricsLine =
  | ({ readonly type: 'episode' } & EpisodeMetrics)
  | ({ readonly type: 'training' } & TrainingMetrics)
  | ({ readonly type: 'evaluation' } & EvaluationMetrics)
  | ({ readonly type: 'custom' } & CustomMetrics);

/** The kinds of lines in metrics.jsonl, those of older versions included, which are in events.jsonl now. */
export const metricsTypes: ReadonlySet<string> = new Set([
  ...Object.keys(metricsDictionary),
  'broken',
  'warning',
  'resume',
]);

/** JSON has no NaN; a metric that is not a finite number has no value. */
export function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
