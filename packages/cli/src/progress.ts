/** A run's progress: a bar on a terminal, plain lines elsewhere, JSON lines for machines. */
import type { ProgressEvent } from '@gymwire/agent-sdk';
import type { EvaluationProgress } from '@gymwire/agent-sdk/parts';
import { SingleBar } from 'cli-progress';
import { type Output, round } from './output.ts';

export interface ProgressDisplay {
  show(event: ProgressEvent): void;
  /** Leaves the terminal in order; may be called twice. */
  stop(): void;
}

export function createProgressDisplay(output: Output): ProgressDisplay {
  return process.stderr.isTTY && !output.isJson ? createBar(output) : createLines(output);
}

/** Plain lines, or JSON lines. */
export function createLines(output: Output): ProgressDisplay {
  if (output.isJson) return { show: (event) => showJson(event, output), stop: () => undefined };
  let isUnlimited = false;
  const show = (event: ProgressEvent) => {
    if (event.type === 'start') isUnlimited = event.maxEpisodeSteps === 0;
    showLine(event, isUnlimited, output);
  };
  return { show, stop: () => undefined };
}

function showJson(event: ProgressEvent, output: Output): void {
  if (event.type === 'step') return; // thousands a second say nothing
  showWarning(event, output);
  const { type, ...fields } = event;
  output.event(type, fields);
}

/** Beside the results, so that nobody misses it who keeps those. */
function showWarning(event: ProgressEvent, output: Output): void {
  const words = describeWarning(event);
  if (words !== undefined) output.note(words);
}

/** Undefined for an event that nobody needs to be warned of. */
export function describeWarning(event: ProgressEvent): string | undefined {
  if (event.type === 'waiting' || event.type === 'notice') return event.message;
  return event.type === 'warning' ? `warning: step ${event.envSteps}: ${event.message}` : undefined;
}

/** Without it, whoever waits for episodes that never end would not know what to do until the evaluation gives up. */
const limitHint = ' (if episodes do not end by themselves: --max-episode-steps, maxEpisodeSteps in code)';

function describeStart(event: Extract<ProgressEvent, { type: 'start' }>): string {
  const megabytes = Math.ceil(event.replayBytes / 2 ** 20);
  const from = event.envSteps > 0 ? `resumed at ${event.envSteps} of ` : '';
  const { maxEpisodeSteps } = event;
  const limit =
    maxEpisodeSteps === null
      ? ''
      : maxEpisodeSteps === 0
        ? `no time limit${limitHint}; `
        : `${maxEpisodeSteps} steps an episode; `;
  return (
    `${event.envId}: observation ${event.observationSize}, action ${event.actionSize}; ${limit}learner ${event.learner}; ` +
    `${from}${event.totalEnvSteps} steps; replay takes up to ${megabytes} MiB`
  );
}

/**
 * The line of `train` and `eval` about an evaluation.
 * @param isUnlimited whether episodes have no time limit: what to do is said until the first one has ended
 */
export function describeEvaluating(
  { steps, episodesEnded, episodes }: EvaluationProgress,
  isUnlimited = false,
): string {
  const hint = isUnlimited && episodesEnded === 0 ? `, no time limit${limitHint}` : '';
  return `evaluating: ${episodesEnded} of ${episodes} episodes ended, ${steps} steps${hint}`;
}

function describeEvaluation(event: Extract<ProgressEvent, { type: 'evaluation' }>): string {
  const best = event.isBest ? '  best so far' : '';
  return `step ${event.envSteps}: return ${round(event.meanReturn)} ± ${round(event.stdReturn)} over ${event.episodes} episodes${best}`;
}

function showLine(event: ProgressEvent, isUnlimited: boolean, output: Output): void {
  showWarning(event, output);
  if (event.type === 'start') output.say(describeStart(event));
  if (event.type === 'evaluating') {
    output.say(`step ${event.envSteps}: ${describeEvaluating(event, isUnlimited)}`);
  }
  if (event.type === 'evaluation') output.say(describeEvaluation(event));
  if (event.type === 'training') {
    const { envStepsPerSecond } = event.timing;
    const ret = event.meanEpisodeReturn === null ? '' : `, training return ${round(event.meanEpisodeReturn)}`;
    output.say(`step ${event.envSteps ?? 0}: ${round(envStepsPerSecond, 0)} steps/s${ret}`);
  }
}

function createBar(output: Output): ProgressDisplay {
  const bar = new SingleBar({
    format: '{bar} {percentage}% | {value}/{total} steps | {rate} steps/s | {left} left | return {ret}',
    hideCursor: true,
    clearOnComplete: false,
    stopOnComplete: false,
    barsize: 24,
    linewrap: true,
  });
  let stepsPerSecond = 0;
  let lastReturn = '–';
  let running = false;
  const stop = () => {
    if (running) bar.stop();
    running = false;
  };
  const show = (event: ProgressEvent) => {
    switch (event.type) {
      case 'start':
        output.say(describeStart(event));
        bar.start(event.totalEnvSteps, event.envSteps, { rate: '–', left: '–', ret: lastReturn });
        running = true;
        break;
      case 'training':
        stepsPerSecond = event.timing.envStepsPerSecond;
        break;
      case 'evaluation':
        lastReturn = round(event.meanReturn);
        break;
      case 'evaluating':
        bar.update({ ret: `${lastReturn}, ${describeEvaluating(event)}` });
        break;
      case 'step':
        bar.update(event.envSteps, {
          rate: stepsPerSecond === 0 ? '–' : Math.round(stepsPerSecond),
          left:
            stepsPerSecond === 0 ? '–' : duration((event.totalEnvSteps - event.envSteps) / stepsPerSecond),
          ret: lastReturn,
        });
        break;
      case 'waiting':
      case 'notice':
      case 'warning':
        showWarning(event, output);
        break;
      case 'done':
        stop();
        break;
      default:
    }
  };
  return { show, stop };
}

export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
