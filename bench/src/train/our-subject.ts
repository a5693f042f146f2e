import { fileURLToPath } from 'node:url';
import type { SubjectSpec } from '../support/subject.ts';
import type { TrainerSettings } from './settings.ts';

export function ourSubject(
  settings: TrainerSettings,
  mode: 'pipelined' | 'alternating',
  learnerThreads: 1 | 2,
): SubjectSpec {
  const script = fileURLToPath(new URL('./our-trainer.js', import.meta.url));
  const more = [settings.extras, learnerThreads === 2 ? '2 learner threads' : undefined];
  return {
    name: [`gymwire ${mode}`, ...more.filter((each) => each !== undefined)].join(', '),
    command: process.execPath,
    args: [script, mode, JSON.stringify(settings), String(learnerThreads)],
  };
}
