import { expect, it } from 'vitest';
import { liveLine, newLiveRun, takeEvent, totalLine } from './seeds-live-line.ts';

const timing = {
  seconds: 1,
  envStepsPerSecond: 812.4,
  gradientStepsPerSecond: 1,
  environmentSeconds: 1,
  wireSeconds: 0,
  learnerSeconds: 0,
  evaluationSeconds: 0,
  savingSeconds: 0,
  otherSeconds: 0,
  overlapSeconds: 0,
};

function runAt(envSteps: number, totalEnvSteps: number) {
  const run = newLiveRun(12);
  takeEvent(run, { type: 'step', envSteps, totalEnvSteps, gradientSteps: 0, isWarmUp: false });
  return run;
}

function told(envSteps: number, totalEnvSteps: number) {
  const run = runAt(envSteps, totalEnvSteps);
  run.lastReturn = -1234.56;
  run.stepsPerSecond = timing.envStepsPerSecond;
  return run;
}

it('shows how far a run is, what it has come to, and how long it takes', () => {
  expect(liveLine(newLiveRun(3), 80)).toBe('seed 3  starting');
  expect(liveLine(runAt(0, 10_000), 80)).toBe(
    'seed 12 ░░░░░░░░░░░░░░░░░░░░    0%      0/10000  return –           –/s',
  );
  expect(liveLine(told(5400, 10_000), 80)).toBe(
    'seed 12 ██████████░░░░░░░░░   54%   5400/10000  return -1234.6   812/s  6 s left',
  );
  expect(liveLine(told(10_000, 10_000), 80)).toMatch(/^seed 12 █{19} {2}100%/);
});

it('fits any width: the bar shrinks first, then figures are left out from the right', () => {
  for (let width = 10; width <= 200; width++) {
    const line = liveLine(told(123_456, 1_000_000), width);
    expect(line.length).toBeLessThanOrEqual(width);
    expect(line.startsWith('seed 12'.slice(0, width))).toBe(true);
  }
  expect(liveLine(told(123_456, 1_000_000), 60)).toBe(
    'seed 12 █░░░░   12%   123456/1000000  return -1234.6   812/s',
  );
});

it('tells of an evaluation under way', () => {
  const run = told(5000, 10_000);
  const progress = { steps: 10, episodesEnded: 3, episodes: 10, envSteps: 5000 };
  takeEvent(run, { type: 'evaluating', ...progress });
  expect(liveLine(run, 80)).toMatch(/evaluating 3\/10$/);
  takeEvent(run, { type: 'step', envSteps: 5001, totalEnvSteps: 10_000, gradientSteps: 0, isWarmUp: false });
  expect(liveLine(run, 80)).toMatch(/left$/);
});

it('counts the runs', () => {
  expect(totalLine({ seeds: 5, ended: 2, failed: 0, live: 2 })).toBe(
    '2 of 5 runs over, 2 under way, 1 waiting',
  );
  expect(totalLine({ seeds: 5, ended: 5, failed: 1, live: 0 })).toBe(
    '5 of 5 runs over (1 failed), 0 under way, 0 waiting',
  );
});
