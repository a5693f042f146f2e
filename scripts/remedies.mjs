// What whoever meets an error can do about it, by the error's code. `npm run generate` writes them into the reference,
// beside the meanings that stand where the codes are defined; a code without a line here, or a line without a code, is refused.

/** @type {Readonly<Record<'wire' | 'transport' | 'agent' | 'warning' | 'exporter' | 'exit', Readonly<Record<string, string>>>>} */
export const remedies = {
  wire: {
    VERSION_MISMATCH: 'Run client and server of the same version; the message names both.',
    UNKNOWN_ENV:
      'Take an id that the server has: the message lists them, and so does `gymwire envs --server …`.',
    UNKNOWN_ARGUMENT: 'Leave the argument out, or take one that `gymwire envs` lists for this environment.',
    INVALID_ARGUMENT:
      'Correct the field that `details.argument` or the message names; the range stands beside it.',
    CAPACITY:
      'Close sessions that nobody needs, try later, or start the server with a larger `--max-sessions`. From the `transport` it is one message that is too large: send less at once.',
    SESSION_GONE:
      'Make a new session. The TypeScript client does so by itself and tells it with `EPISODE_LOST`.',
    SESSION_BUSY: 'One client a session: close the other one, or make a session of your own.',
    NOT_RESET: 'Call `reset` before the first step, and after each episode or fault.',
    BAD_ACTION:
      'Send what the action space describes: the message has the structure, shape and dtype expected.',
    NON_FINITE_ACTION: 'Look where the NaN comes from, usually the policy or a division before it.',
    ACTION_OUT_OF_BOUNDS: 'Clip the action, or make the session without rejecting such actions.',
    BAD_SEQUENCE: 'A fault of the client: number requests one after another, and repeat only the last.',
    ENV_FAILED:
      'The message is the simulator’s own. Mend the simulator, then `reset`; where it hung, see `--step-timeout-ms` and `--reset-timeout-ms`.',
    NON_FINITE_OBSERVATION: 'Mend the simulator: the message has the place. Reset before the next step.',
    UNSUPPORTED: 'Ask only for what the environment lists, or have the operator list the name.',
    UNAUTHENTICATED:
      'Give the server’s token: `--token-file`, or `token` of `connect`. Behind a gateway, the gateway’s.',
    SHUTTING_DOWN: 'Start the server again, or go to another one; training was saved and can be resumed.',
    MALFORMED: 'A fault of the peer: hold it to the rules with `gymwire conformance`.',
    INTERNAL:
      'Look into the server’s log, and report it. From the `transport`, the connection was cut: reconnect.',
  },
  transport: {
    SERVER_UNAVAILABLE: 'Start the server, or correct the address and port; mind firewalls and `grpc_proxy`.',
    DEADLINE_EXCEEDED:
      'Raise `--step-deadline-ms` or `--call-deadline-ms` where the simulator is slow by nature.',
    CANCELLED: 'Nothing: somebody on this side wanted it so.',
    NOT_GYMWIRE: 'Correct the port: something else answers there.',
    TLS_FAILED:
      'Give `--tls` or `--ca` where the server has a certificate, neither where it has none; check name and dates.',
    EPISODE_LOST: 'Reset: a new session is in the place of the old one.',
  },
  agent: {
    INVALID_OPTION: 'Correct the option that the message names; [all of them](../options.md).',
    SHAPE_MISMATCH: 'Give arrays of the sizes that the message names.',
    NON_FINITE_VALUE:
      'Find where it arises: the message has the step and the index. Usually the environment’s reward or observation.',
    INVALID_ACTION_BOUNDS: 'Declare finite bounds, low below high, for every dimension of the action space.',
    UNSUPPORTED_SPACE:
      'Use a Box of floats for actions; Boxes, or Dicts and Tuples of them, for observations.',
    OBSERVATION_STRUCTURE: 'Play the policy on the environment that it was trained on, or train anew.',
    REPLAY_EMPTY: 'Add transitions before you sample.',
    BACKEND_UNAVAILABLE: 'Take `--learner auto`, or install what the message names.',
    INVALID_STATE: 'Give the state of the same kind of learner, with the same sizes.',
    ENV_MISMATCH:
      'Have the server make the environment as the options say, or give the options that it was made with.',
    EPISODE_ENDLESS: 'Start another run, with a limit: `--max-episode-steps`.',
    DISPOSED: 'Make a new one; this one is closed.',
    TRAINING_FAILED: 'Mend what the cause says, then go on with `--resume`.',
    TRAINING_DIVERGED:
      'Lower the learning rates, look at the size of the rewards. `--resume` goes on from the last checkpoint.',
    RUN_EXISTS: 'Take another folder, or `--resume` this one.',
    RUN_BUSY: 'Wait for the other training, or `--take-over` where it ran on another machine and is dead.',
    CALLBACK_FAILED: 'Mend your callback; the run goes on with `resume`, with it or without it.',
    CALLBACK_MISMATCH:
      'Give the callbacks that the run was started with, or one without `restore` in the place of each.',
    PROGRESS_FAILED: 'Mend your `onProgress`, then resume.',
    RUN_LOST: 'Let the other training have it, or start in another folder.',
    RUN_CRASHED: 'Look at what the process printed last, and whether memory ran out; then resume the group.',
    POLICY_NOT_FOUND: 'Train until the first evaluation (best) or checkpoint (last).',
    RUN_NOT_FOUND: 'Correct the folder’s path.',
    CONFIG_MISMATCH:
      'Leave the option out: a resume takes the run’s own. What may change says so in [the table](../options.md).',
    NOT_WRITABLE: 'Correct the path or its permissions.',
    DISK_FULL: 'Make space, then resume.',
    FILE_UNREADABLE: 'Correct the path or its permissions.',
    FILE_FOREIGN: 'Give a file that this package wrote, of the kind that is asked for.',
    FILE_VERSION: 'Open it with the version of gymwire that wrote it.',
    FILE_CORRUPT: 'Take a copy that is whole; `best.policy` and `last.policy` stand beside the checkpoint.',
  },
  warning: {
    RUN_MENDED: 'Nothing: the message says what was put right.',
    EPISODES_UNSEEDED:
      'Nothing, unless the run should come back to the same episodes: then give your `VectorEnv` `episodeSeeding`.',
    ACTOR_SATURATED: 'Lower the learning rate, normalise observations, look at the size of the rewards.',
    ACTOR_CONSTANT:
      'Lower the learning rate, normalise observations; look whether observations tell what matters.',
    TRANSITIONS_DROPPED:
      'Nothing, where episodes are long; else serve the simulator so that it tells last observations: in `next-step`, or with `final_obs`.',
    VALUES_EXPLODED:
      'Lower the learning rate; look whether `terminated` is said where an episode is only cut off, and whether rewards are of one size.',
  },
  exporter: {
    INVALID_SNAPSHOT: 'Export what `train` or `readRunPolicy` gave, unchanged.',
    INVALID_USER_METADATA: 'Give names and texts as strings.',
    SHAPE_MISMATCH: 'Export the snapshot as it came out of training.',
    NON_FINITE_VALUE: 'The training diverged: export an earlier policy, and train again with lower rates.',
    INVALID_ACTION_BOUNDS: 'Declare finite bounds in the environment, low below high, and train on them.',
    ILL_CONDITIONED: 'Normalise observations (`--normalize-observations`), and train again.',
    PARITY_FAILED: 'Do not deploy it. Report it with the file: the exporter should not have got here.',
    ACTION_OUT_OF_BOUNDS: 'Do not deploy it, and export again with the exporter as it is published.',
    UNGUARDED: 'Do not deploy it: export again.',
    UNREADABLE_FILE: 'Correct the path or its permissions.',
    UNWRITABLE_FILE: 'Correct the path or its permissions.',
    DISK_FULL: 'Make space, and export again.',
    NOT_ONNX: 'Give the whole `.onnx` file; copies are cut off at times.',
    FOREIGN_MODEL: 'Only files of `gymwire export` can be checked; run others with a runtime of yours.',
    UNSUPPORTED_FORMAT: 'Open it with the version of gymwire that wrote it.',
    CORRUPT_WEIGHTS: 'Copy or export the file again.',
    CORRUPT_MODEL: 'Copy or export the file again.',
    DERIVED_MODEL:
      'Deploy the original, or measure the derived file: `gymwire verify` says how far it is off.',
    INVALID_METADATA: 'Export again; additions of your own belong below `user.`.',
    UNEXPECTED_GRAPH: 'Export again; tools that rewrite a graph make another file of it.',
    RUNTIME_FAILED: 'Look at ONNX Runtime’s message; install the version that the package names.',
    GOLDEN_MISMATCH: 'Do not deploy it on this machine: see [another runtime or processor](../deploy.md).',
    OBSERVATION_SIZE: 'Give as many numbers as the policy’s `observation` has.',
    OBSERVATION_STRUCTURE: 'Give the keys and parts that the policy’s metadata lists.',
    OBSERVATION_VALUE: 'Give numbers of the part’s dtype.',
    NON_FINITE_OBSERVATION: 'Stop the robot: a sensor or a division gives NaN.',
    OBSERVATION_TOO_LARGE: 'Look at the units of the observation.',
    DISPOSED: 'Load the policy again.',
  },
  exit: {
    success: 'Nothing.',
    failure: 'Report it, with the output.',
    usage: 'Read the message, and `--help` after the command.',
    server: 'Look whether the server runs and lets you in; [reaching a server](../reaching-a-server.md).',
    file: 'Correct the path, the permissions, or take a whole copy.',
    result: 'Read the last lines: they say what fell short.',
    interrupted: 'Go on with `gymwire train --resume <folder>`.',
  },
};
