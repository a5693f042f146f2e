/** What trainings came to: `npm run bench -- returns <run folder>…`, grouped by environment. */
import { drawLearningCurves } from '@gymwire/cli';
import { publish } from '../results/publish.ts';
import { savePicture } from '../results/saved-results.ts';
import { describeMachine } from '../support/machine.ts';
import { OptionError, parseOnce } from '../support/option-values.ts';
import { formatTable, type Row } from '../support/report.ts';
import { checkComparable, finalReturn, goals, lastReturns, mean, median } from './judge-runs.ts';
import { type Run, readRun, seedingNote } from './read-run.ts';

export async function runReturnsBench(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseOnce({
    name: 'returns',
    summary: 'What trainings came to: the last evaluations of each seed, by environment.',
    operands: '<run folder>…',
    args: [...args],
    allowPositionals: true,
    options: {
      save: { type: 'boolean', default: false, what: 'write the table and every run to bench/results' },
      label: { type: 'string', default: '', what: 'name of a second set of runs' },
    },
  });
  if (positionals.length === 0) throw new OptionError('returns: name the run folders');
  const runs = positionals.map(readRun);
  for (const envId of new Set(runs.map(({ options }) => options.envId))) {
    const own = runs
      .filter(({ options }) => options.envId === envId)
      .sort((a, b) => a.options.seed - b.options.seed);
    checkComparable(own);
    await report(envId, own, values.label, values.save);
  }
}

/** @param label in the names of files and in the title, for a second set of runs */
async function report(envId: string, runs: readonly Run[], label: string, save: boolean): Promise<void> {
  const [{ options, seeding, learner }] = runs;
  const { seed: _, ...config } = options;
  const title = `Training over gRPC: ${envId}${label === '' ? '' : `, ${label}`}`;
  const name = `returns-${envId}${label === '' ? '' : `-${label}`}`;
  const text = [
    `\`gymwire train --env ${envId} --steps ${options.totalEnvSteps}\` with ${differences(options)}, one run after ` +
      `another: every seed that was started. Learner: ${learner}. Returns are means of ${options.evaluationEpisodes} ` +
      'episodes without noise, on seeds that no training episode has.',
    ...(seedingNote(seeding) === '' ? [] : [olderSeeding]),
    formatTable(runs.map(rowOf)),
    describe(envId, runs),
    ...(save ? [`![Return of each evaluation against environment steps](${name}.svg)`] : []),
    `\`${name}.json\` has every evaluation with the return of each episode, and all options.`,
  ].join('\n\n');
  const curves = runs.map((run) => ({ name: `seed ${run.options.seed}`, evaluations: run.evaluations }));
  if (save) savePicture(name, describeMachine(), await drawLearningCurves(curves, { title }));
  const data = {
    options: config,
    runs: runs.map(({ options: own, ...rest }) => ({ seed: own.seed, ...rest })),
  };
  publish({ name, title, text, data }, save);
}

const olderSeeding =
  'Made with the older seeding (version 1): a seed means other training episodes now, so these runs are not made anew by the ' +
  'same command.';

function differences({ evaluationInterval, numEnvs, learningStarts }: Run['options']): string {
  return `${numEnvs} environment, ${learningStarts} random steps first, an evaluation every ${evaluationInterval} steps`;
}

function rowOf(run: Run): Row {
  const [a = NaN, b = NaN, c = NaN] = lastReturns(run);
  return {
    seed: run.options.seed,
    steps: run.evaluations.at(-1)?.envSteps ?? 0,
    'last evaluations': [a, b, c].map((value) => value.toFixed(1)).join(', '),
    'their mean': mean([a, b, c]).toFixed(1),
    'best evaluation': Math.max(...run.evaluations.map(({ meanReturn }) => meanReturn)).toFixed(1),
    'training min': (run.trainingSeconds / 60).toFixed(1),
    'stopped and resumed': run.resumes,
  };
}

function describe(envId: string, runs: readonly Run[]): string {
  const means = runs.map((run) => finalReturn(run, false));
  const lines = [
    `Over the seeds, of the mean of the last 3 evaluations: mean ${mean(means).toFixed(1)}, median ` +
      `${median(means).toFixed(1)}, lowest ${Math.min(...means).toFixed(1)}.`,
  ];
  const wanted = goals[envId];
  if (wanted === undefined) return lines.join('\n');
  const { goal, envSteps } = wanted;
  const finals = runs.map((run) => finalReturn(run, goal.eachCounts));
  const isAsWanted = runs.length >= 3 && runs.every((run) => run.evaluations.at(-1)?.envSteps === envSteps);
  const verdict = goal.isReached(finals) ? 'reached' : 'not reached';
  lines.push(
    `Wanted at ${envSteps} steps: ${goal.text}: ${isAsWanted ? verdict : 'not to be judged by these runs'}.`,
  );
  return lines.join('\n');
}
