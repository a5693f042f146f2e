/** Who is measured. */
import { fileURLToPath } from 'node:url';
import { OptionError } from '../support/option-values.ts';
import { authorsFolder, pythonScript } from '../support/python-peers.ts';
import type { SubjectSpec } from '../support/subject.ts';
import type { UpdateSizes } from './sizes.ts';

const ours = fileURLToPath(new URL('./our-subject.js', import.meta.url));

const tfjsLibraries = ['tfjs-tensorflow', 'tfjs-wasm', 'tfjs-cpu'];
const pythonLibraries = ['sb3', 'sbx', 'sfujim', 'rltools'];
/** What `--peers` takes. */
export const peerNames: readonly string[] = ['tfjs', ...pythonLibraries];

/** Ours, on as many threads as there are cores, first: everyone is compared to it. */
export function learnerSubjects(
  sizes: UpdateSizes,
  cores: number,
  peers: readonly string[],
  python: string | undefined,
): SubjectSpec[] {
  const single = ['compiled', 'compiled-caller'];
  const specs = (cores > 1 ? ['compiled-2-threads', ...single] : single).map((name) =>
    ourSubject(name, sizes),
  );
  for (const peer of peers) {
    if (peer === 'tfjs') specs.push(...tfjsLibraries.map((library) => ourSubject(library, sizes)));
    else if (tfjsLibraries.includes(peer)) specs.push(ourSubject(peer, sizes));
    else if (pythonLibraries.includes(peer)) specs.push(pythonSubject(peer, sizes, python));
    else throw new OptionError(`--peers: expected some of ${peerNames.join(', ')}, got ${peer}`);
  }
  return specs;
}

export function floorSubject(sizes: UpdateSizes): SubjectSpec {
  return ourSubject('sgemm', sizes);
}

function ourSubject(library: string, sizes: UpdateSizes): SubjectSpec {
  return { name: library, command: process.execPath, args: [ours, library, JSON.stringify(sizes)] };
}

function pythonSubject(library: string, sizes: UpdateSizes, python: string | undefined): SubjectSpec {
  const script = pythonScript('learner_subject.py');
  return {
    name: library,
    command: python,
    args: [script, library, JSON.stringify(sizes), authorsFolder()],
  };
}
