const always = {
  time: 'when, in UTC: 2026-11-29T12:00:00.000Z',
  envSteps: 'transitions collected in all environments by then',
} as const;

/**
 * The dictionary of events.jsonl: what happened to a run, every kind of line and every field of it. It alone has times of day. What
 * happened did happen: a run that goes on from an earlier checkpoint keeps the lines after it, and may tell the same again.
 */
export const eventsDictionary = {
  /** The run begins. */
  start: {
    ...always,
    version: 'of gymwire',
    learner: 'what computes the updates, and where',
    node: 'version of Node.js',
    platform: 'operating system',
  },
  /** The run was stopped and goes on here, with new episodes. */
  resume: {
    ...always,
    gradientSteps: 'updates of both critics so far',
    resumes: 'how often the run was resumed',
    version: 'of gymwire',
    learner: 'what computes the updates, and where',
    node: 'version of Node.js',
    platform: 'operating system',
  },
  /** The session of a training episode is gone, and the episode's end with it; its transitions so far are kept. */
  broken: {
    ...always,
    envIndex: 'which environment of the vector',
    return: 'sum of the rewards until then',
    length: 'steps until then',
  },
  /** Something that a person should look at; training goes on. */
  warning: {
    ...always,
    code: 'what it is, for programs',
    message: 'what it is, and what to try, for people',
  },
  /** What was decided or done of itself, such as another learner than the fast one. */
  notice: { ...always, message: 'what, for people' },
  /** A session's connection broke, and how that ended. */
  connection: {
    ...always,
    state:
      'broken: connecting again; attached: it goes on, nothing is lost; replaced: a new session, the episodes under way are lost',
    envId: 'whose session',
    reason: 'why it broke; else null',
  },
  /** A host of a fleet came, went or took environments over. */
  host: {
    ...always,
    state:
      'joined, lost, refused, moved (environments were made on it), slow (a step went on without it for the first time)',
    host: 'its name',
    reason: 'why it was lost or refused; else null',
    envIndices: 'the environments that were made on it; else null',
  },
  /** A callback has changed the learning rates. */
  learningRates: {
    ...always,
    callback: 'its name',
    actor: 'the actor’s from now on',
    critic: 'the critics’ from now on',
  },
  /** A callback, or the option stopAtReturn, ends the training. */
  stopped: { ...always, callback: 'its name', reason: 'why, for people' },
  /** Everything that a resume needs was saved. */
  checkpoint: { ...always, gradientSteps: 'updates of both critics so far' },
  /** The training ended with an error: the learner diverged, data were refused, an environment or a disk failed. */
  failure: {
    ...always,
    code: 'what it is, for programs: a code of an AgentError',
    message: 'what it is, and how to go on, for people',
    cause: 'the code of what it came from, such as that of the environment’s error; null where that has none',
  },
  /** The training ended. */
  done: {
    ...always,
    gradientSteps: 'updates of both critics so far',
    status:
      'completed: all steps were taken; solved: stopAtReturn was reached; stopped: a callback ended it; interrupted: it was stopped from outside',
  },
} as const;

/** The kinds of lines in events.jsonl. */
export const eventTypes: ReadonlySet<string> = new Set(Object.keys(eventsDictionary));

/** What happened, without when. */
export type RunEvent =
  | ({ readonly type: 'start' } & Machine)
  | ({ readonly type: 'resume'; readonly gradientSteps: number; readonly resumes: number } & Machine)
  | {
      readonly type: 'broken';
      readonly envIndex: number;
      readonly return: number;
      readonly length: number;
    }
  | { readonly type: 'warning'; readonly code: string; readonly message: string }
  | { readonly type: 'notice'; readonly message: string }
  | {
      readonly type: 'connection';
      readonly state: 'broken' | 'attached' | 'replaced';
      readonly envId: string;
      readonly reason: string | null;
    }
  | {
      readonly type: 'host';
      readonly state: 'joined' | 'lost' | 'refused' | 'moved' | 'slow';
      readonly host: string;
      readonly reason: string | null;
      readonly envIndices: readonly number[] | null;
    }
  | {
      readonly type: 'learningRates';
      readonly callback: string;
      readonly actor: number;
      readonly critic: number;
    }
  | { readonly type: 'stopped'; readonly callback: string; readonly reason: string }
  | { readonly type: 'checkpoint'; readonly gradientSteps: number }
  | {
      readonly type: 'failure';
      readonly code: string;
      readonly message: string;
      readonly cause: string | null;
    }
  | { readonly type: 'done'; readonly gradientSteps: number; readonly status: string };

interface Machine {
  readonly version: string;
  readonly learner: string;
  readonly node: string;
  readonly platform: string;
}

/** One line of events.jsonl. */
export type EventLine = RunEvent & { readonly time: string; readonly envSteps: number };
