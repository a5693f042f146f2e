/**
 * The dictionary of timing.jsonl, which depends on the machine: where the time of a run went. Seconds since the line before; the
 * parts from `environmentSeconds` to `otherSeconds` add up to `seconds`.
 */
export const timingDictionary = {
  /** Written as often as a line `training` in metrics.jsonl, and once more at the end. */
  interval: {
    envSteps: 'transitions collected in all environments so far',
    seconds: 'since the line before, or since the run began or went on',
    envStepsPerSecond: 'transitions collected, by second',
    gradientStepsPerSecond: 'updates of both critics, by second',
    environmentSeconds:
      'waiting for environments to answer, the way over the network included, while nothing else was done; acting and storing too',
    wireSeconds:
      'making requests of actions and observations of replies, on this side; zero where environments are in this process',
    learnerSeconds:
      'drawing batches and updating; of a pipelined run also while environments stepped at the same time',
    evaluationSeconds: 'evaluating, or waiting for an evaluation that went on alongside',
    savingSeconds: 'writing checkpoints and policies',
    otherSeconds: 'the rest: the files of lines, listeners, callbacks',
    overlapSeconds: 'of learnerSeconds, those in which environments stepped at the same time; in no sum',
  },
} as const;

/** Seconds of an interval; see `timingDictionary`. */
export type IntervalTiming = {
  readonly [Field in Exclude<keyof (typeof timingDictionary)['interval'], 'envSteps'>]: number;
};

/** One line of timing.jsonl. */
export type TimingLine = { readonly type: 'interval'; readonly envSteps: number } & IntervalTiming;

/** The kinds of lines in timing.jsonl; `start` is one of older versions, which is in events.jsonl now. */
export const timingTypes: ReadonlySet<string> = new Set([...Object.keys(timingDictionary), 'start']);
