/** What a run's files and callbacks cost a training: three trainers in turn, each run held against the one beside it. */
import { publish } from '../results/publish.ts';
import type { Placement } from '../support/placement.ts';
import { formatNotes, formatTable, type Row } from '../support/report.ts';
import { type Measured, measureInRounds, type RoundsOptions, startSubjects } from '../support/rounds.ts';
import { pairedRatio } from '../support/statistics.ts';
import { ourSubject } from './our-subject.ts';
import type { TrainerSettings } from './settings.ts';

export async function runExtrasBench(
  name: string,
  settings: TrainerSettings,
  placement: Placement,
  rounds: RoundsOptions,
  save: boolean,
): Promise<void> {
  const specs = [
    settings,
    { ...settings, extras: 'run folder' as const },
    { ...settings, extras: 'run folder and callbacks' as const },
  ].map((each) => ourSubject(each, 'alternating', 1));
  const { subjects, missing } = await startSubjects(specs, placement);
  const measured = await measureInRounds(subjects, rounds);
  for (const subject of subjects) await subject.stop();
  const { envId, hiddenSizes, batchSize } = settings;
  const text = [
    `${envId}, hidden ${hiddenSizes.join('-')}, batch ${batchSize}, one update a step, in turns; ${placement.description}; ${rounds.runs} runs in turn`,
    formatTable(measured.map((subject) => rowOf(subject, measured[0]))),
    formatNotes(measured, missing, ''),
  ].join('\n\n');
  publish({ name, title: 'What a run folder and callbacks cost', text, data: { settings, measured } }, save);
}

function rowOf({ name, p50Seconds, cpuSeconds, runs }: Measured, bare: Measured): Row {
  return {
    subject: name,
    'steps/s p50': Math.round(1 / p50Seconds),
    'time / bare, paired': pairedRatio(runs, bare.runs).toFixed(3),
    'CPU ms a step': (cpuSeconds * 1e3).toFixed(3),
    'CPU / bare': (cpuSeconds / bare.cpuSeconds).toFixed(3),
  };
}
