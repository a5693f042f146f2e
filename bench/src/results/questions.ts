/** What people ask, which results answer it, and the answer in one line, out of the results' own data. */
import { type Series, timeRow } from '../denormals/denormals-report.ts';
import type { NodeTime } from '../learner/node-times.ts';
import type { UpdateSizes } from '../learner/sizes.ts';
import { finalReturn } from '../returns/judge-runs.ts';
import { type Run, seedingNote } from '../returns/read-run.ts';
import type { Row } from '../support/report.ts';
import type { Measured } from '../support/rounds.ts';
import { median, pairedRatio } from '../support/statistics.ts';

export interface Answer {
  /** What is special about it among the answers to this question: "2 cores". */
  readonly setting: string;
  readonly figure: string;
  /** What makes it anew, one after the other. */
  readonly commands: readonly string[];
}

export interface Question {
  readonly question: string;
  /** The names of the results that answer it. */
  readonly names: RegExp;
  readonly answer: (data: unknown, name: string) => Answer;
}

const bench = (args: string) => `npm run bench -- ${args}`;
const inMs = (seconds: number) => `${(seconds * 1e3).toFixed(2)} ms`;
const perSecond = (seconds: number) => `${Math.round(1 / seconds)} steps/s`;
/** One line of figures, ours in bold. */
const list = (parts: readonly string[]) =>
  parts.map((part) => (/^(?:gymwire|compiled)/.test(part) ? `**${part}**` : part)).join('; ');

/** "2 cores" of `…-2core`. */
function coresOf(name: string): { readonly count: string; readonly text: string } {
  const count = /-(\d+)core$/.exec(name)?.[1] ?? '1';
  return { count, text: count === '1' ? '1 core' : `${count} cores` };
}

function wire(data: unknown): Answer {
  const { rows } = data as { readonly rows: readonly Row[] };
  const figure = list(rows.map((row) => `${row['call']}: ${row['p50 µs']} µs`));
  return { setting: 'loopback, median', figure, commands: [bench('wire')] };
}

function bridge(data: unknown): Answer {
  const { cases } = data as {
    readonly cases: ReadonlyArray<{
      readonly envId: string;
      readonly envs: number;
      readonly medians: Readonly<Record<string, readonly number[]>>;
    }>;
  };
  const figure = cases.flatMap(({ envId, envs, medians }) =>
    Object.entries(medians).map(
      ([name, times]) => `${envId} × ${envs}, ${name}: ${Math.round(median(times) / 1e3)} µs`,
    ),
  );
  return {
    setting: 'a step of all environments, median',
    figure: list(figure),
    commands: [bench('peers wire'), bench('bridge')],
  };
}

function environment(data: unknown): Answer {
  const { envId, numEnvs, measured } = data as {
    readonly envId: string;
    readonly numEnvs: number;
    readonly measured: readonly Measured[];
  };
  const isVector = (name: string) => /vector/i.test(name);
  const figure = measured.map(
    ({ name, p50Seconds }) => `${name}: ${perSecond(p50Seconds / (isVector(name) ? numEnvs : 1))}`,
  );
  const flags = `${envId === 'HalfCheetah-v5' ? '' : ` --env ${envId}`}${numEnvs === 8 ? '' : ` --envs ${numEnvs}`}`;
  return {
    setting: `${envId}, one and a vector of ${numEnvs}`,
    figure: list(figure),
    commands: [bench(`env${flags}`)],
  };
}

function sizesOf({ observationSize, actionSize, hiddenSizes, batchSize }: UpdateSizes) {
  const hidden = hiddenSizes.join('-');
  const flags: Readonly<Record<string, string>> = { '17-6-256-256-256': '', '3-1-64-64-100': ' --small' };
  const flag =
    flags[`${observationSize}-${actionSize}-${hidden}-${batchSize}`] ??
    ` --obs ${observationSize} --act ${actionSize} --hidden ${hiddenSizes.join(',')} --batch ${batchSize}`;
  return { text: `obs ${observationSize}, act ${actionSize}, ${hidden}, batch ${batchSize}`, flag };
}

function update(data: unknown, name: string): Answer {
  const { sizes, measured } = data as {
    readonly sizes: UpdateSizes;
    readonly measured: readonly Measured[];
  };
  const fastest = [...measured].sort((a, b) => a.p50Seconds - b.p50Seconds);
  const cores = coresOf(name);
  const { text, flag } = sizesOf(sizes);
  return {
    setting: `${text}, ${cores.text}`,
    figure: list(fastest.map((subject) => `${subject.name}: ${inMs(subject.p50Seconds)}`)),
    commands: [bench(`learner${flag}${cores.count === '1' ? '' : ` --cores ${cores.count}`}`)],
  };
}

function profile(data: unknown): Answer {
  const { sizes, graphs } = data as {
    readonly sizes: UpdateSizes;
    readonly graphs: ReadonlyArray<{ readonly name: string; readonly nodes: readonly NodeTime[] }>;
  };
  const share = (nodes: readonly NodeTime[]) => {
    const total = nodes.reduce((sum, { us }) => sum + us, 0);
    const products = nodes.filter(({ flops }) => flops > 0).reduce((sum, { us }) => sum + us, 0);
    return `${inMs(total / 1e6)}, ${Math.round((100 * products) / total)} % of it in matrix products`;
  };
  const { text, flag } = sizesOf(sizes);
  return {
    setting: text,
    figure: list(graphs.map(({ name, nodes }) => `graph ${name}: ${share(nodes)}`)),
    commands: [bench(`learner --profile${flag}`)],
  };
}

function training(data: unknown, name: string): Answer {
  const { settings, measured } = data as {
    readonly settings: { readonly envId: string; readonly shapes: unknown; readonly sleepMs?: number };
    readonly measured: readonly Measured[];
  };
  const cores = coresOf(name);
  const kinds = {
    sleep: { text: `a step that sleeps ${settings.sleepMs} ms`, flag: ' --sleep' },
    shapes: { text: 'HalfCheetah’s sizes, next to no physics', flag: ' --shapes halfcheetah' },
    env: { text: settings.envId, flag: settings.envId === 'Pendulum-v1' ? '' : ` --env ${settings.envId}` },
  };
  const kind = settings.sleepMs === undefined ? (settings.shapes === null ? 'env' : 'shapes') : 'sleep';
  return {
    setting: `${kinds[kind].text}, ${cores.text}`,
    figure: list(measured.map((subject) => `${subject.name}: ${perSecond(subject.p50Seconds)}`)),
    commands: [bench(`train${kinds[kind].flag}${cores.count === '2' ? '' : ` --cores ${cores.count}`}`)],
  };
}

function extras(data: unknown, name: string): Answer {
  const { measured } = data as { readonly measured: readonly Measured[] };
  const cores = coresOf(name);
  const [bare, ...others] = measured;
  return {
    setting: `Pendulum-v1, ${cores.text}`,
    figure: list(
      others.map((each) => `${each.name}: ${pairedRatio(each.runs, bare?.runs ?? []).toFixed(3)} × bare`),
    ),
    commands: [bench(`train --extras${cores.count === '2' ? '' : ` --cores ${cores.count}`}`)],
  };
}

function withSeeding(setting: string, seeding: number | undefined): string {
  const note = seedingNote(seeding);
  return note === '' ? setting : `${setting}, ${note}`;
}

function solved(data: unknown): Answer {
  const { solved: runs, seeding } = data as {
    readonly seeding?: number;
    readonly solved: ReadonlyArray<{
      readonly subject: string;
      readonly envSteps: number;
      readonly seconds: number;
    }>;
  };
  const subjects = [...new Set(runs.map(({ subject }) => subject))];
  const figure = subjects.map((subject) => {
    const own = runs.filter((run) => run.subject === subject);
    const seconds = median(own.map((run) => run.seconds)).toFixed(1);
    return `${subject}: ${median(own.map((run) => run.envSteps))} steps, ${seconds} s`;
  });
  return {
    setting: withSeeding(`Pendulum-v1, median of ${runs.length / subjects.length} seeds`, seeding),
    figure: list(figure),
    commands: [bench('train --solve')],
  };
}

function returns(data: unknown): Answer {
  const { options, runs } = data as {
    readonly options: Run['options'];
    readonly runs: ReadonlyArray<Pick<Run, 'evaluations' | 'seeding'> & { readonly seed: number }>;
  };
  const { envId, totalEnvSteps } = options;
  const train = `npx --no-install gymwire train --env ${envId} --steps ${totalEnvSteps} --seed <seed>`;
  return {
    setting: withSeeding(`${envId}, ${totalEnvSteps} steps`, runs[0]?.seeding),
    figure: list(runs.map((run) => `seed ${run.seed}: ${finalReturn(run, false).toFixed(1)}`)),
    commands: [train, bench('returns <run folder>…')],
  };
}

function soak(data: unknown): Answer {
  const { rows } = data as { readonly rows: readonly Row[] };
  const figure = rows.map((row) => {
    const readings = String(row['MiB on the way']).split(', ');
    return `${row['what']}: ${readings.at(0)} MiB early, ${readings.at(-1)} at the end`;
  });
  return { setting: 'a server’s resident memory', figure: list(figure), commands: [bench('soak')] };
}

function abuse(data: unknown): Answer {
  const servers = Object.entries(data as Readonly<Record<string, readonly Row[]>>);
  const figure = servers.map(([server, rows]) => {
    const waits = rows.map((row) => Number(row['answers p99']));
    const isEqual = rows.every((row) => row['episodes'] === 'bit-equal');
    const [quiet = NaN, ...attacked] = waits;
    return `${server}: ${Math.max(...attacked)} ms in the worst of ${attacked.length} attacks, ${quiet} in none${isEqual ? '; every episode bit-equal' : '; episodes differ'}`;
  });
  return {
    setting: 'p99 of a neighbour’s answers',
    figure: list(figure),
    commands: [bench('abuse')],
  };
}

function scaling(data: unknown): Answer {
  const { tasks } = data as {
    readonly tasks: ReadonlyArray<{
      readonly name: string;
      readonly delayMs: number;
      readonly useful: number;
    }>;
  };
  const figure = tasks
    .filter(({ delayMs }) => delayMs === 10)
    .map(({ name, useful }) => `${name}: ${useful}`);
  return {
    setting: 'useful hosts of 8 environments, 10 ms away',
    figure: list(figure),
    commands: [bench('scaling')],
  };
}

function denormals(data: unknown): Answer {
  const { updates, settings, series } = data as {
    readonly updates: number;
    readonly settings: Readonly<Record<'liveSteps' | 'learningStarts' | 'updatesPerStep', number>>;
    readonly series: readonly Series[];
  };
  const startUntil = (settings.liveSteps - settings.learningStarts) * settings.updatesPerStep;
  const figure = series.map((one) => {
    const row = timeRow(one, startUntil, (updates * 9) / 10);
    return `${one.name}: ${row['ms at the end']} ms at the end, ${row['end / start']} × that at the start`;
  });
  return { setting: `${updates} updates`, figure: list(figure), commands: [bench('denormals')] };
}

function fleet(data: unknown, name: string): Answer {
  const { rows } = data as { readonly rows: readonly Row[] };
  const part = name.slice('fleet-'.length);
  const parts: Readonly<Record<string, { readonly setting: string; readonly tell: (row: Row) => string }>> = {
    scaling: {
      setting: 'a simulator that sleeps 5 ms a step',
      tell: (row) => `${row['hosts']} hosts: ${row['steps/s']} steps/s`,
    },
    delay: {
      setting: 'a training behind a network',
      tell: (row) => `${row['round trip ms']} ms: ${row['transitions/s']} transitions/s`,
    },
    simulated: {
      setting: 'all hosts on this machine',
      tell: (row) => `${row['hosts']} hosts, ${row['fleet']}: ${row['ms a step p50']} ms a step`,
    },
  };
  const { setting, tell } = parts[part];
  return { setting, figure: list(rows.map(tell)), commands: [bench(`fleet --part ${part}`)] };
}

function batch(data: unknown): Answer {
  const { told } = data as {
    readonly told: ReadonlyArray<{ readonly name: string; readonly ofNative?: number }>;
  };
  const figure = told.flatMap(({ name, ofNative }) =>
    ofNative === undefined ? [] : [`${name}: ${ofNative.toFixed(2)} × native`],
  );
  return { setting: 'steps over the wire', figure: list(figure), commands: [bench('batch')] };
}

function isolation(data: unknown): Answer {
  const costs = data as ReadonlyArray<{ envId: string; numEnvs: number; place: string; stepUs: number }>;
  const figure = costs.map(
    ({ envId, numEnvs, place, stepUs }) => `${envId} × ${numEnvs}, ${place}: ${stepUs.toFixed(1)} µs`,
  );
  return { setting: 'a step without the wire', figure: list(figure), commands: [bench('isolation')] };
}

export const questions: readonly Question[] = [
  { question: 'How fast is one step over the wire?', names: /^wire$/, answer: wire },
  { question: 'What does the Python bridge cost?', names: /^bridge$/, answer: bridge },
  {
    question: 'How fast does an environment step, here and in Gymnasium?',
    names: /^env-/,
    answer: environment,
  },
  {
    question: 'How fast is one update, here and in Stable-Baselines3, SBX, the authors’ code, RLtools?',
    names: /^learner-/,
    answer: update,
  },
  { question: 'Where does an update’s time go?', names: /^profile-/, answer: profile },
  { question: 'How fast is training from end to end?', names: /^train-/, answer: training },
  { question: 'What do a run folder and callbacks cost a training?', names: /^extras-/, answer: extras },
  { question: 'How many hosts can one trainer use?', names: /^scaling$/, answer: scaling },
  { question: 'How soon is Pendulum solved?', names: /^solve-/, answer: solved },
  { question: 'What does training come to?', names: /^returns-/, answer: returns },
  { question: 'What do more hosts bring, and what does a network cost?', names: /^fleet-/, answer: fleet },
  { question: 'How fast are batch simulators over the wire?', names: /^batch$/, answer: batch },
  { question: 'What does isolating a session cost?', names: /^isolation$/, answer: isolation },
  { question: 'Does a server’s memory grow?', names: /^soak$/, answer: soak },
  { question: 'What does a hostile client do to its neighbours?', names: /^abuse$/, answer: abuse },
  { question: 'Do updates slow down where observations go dead?', names: /^denormals$/, answer: denormals },
];
