/** `npm run bench -- index`: writes bench/results/README.md anew, or says whether it is what the results say. */
import { parseOnce } from '../support/option-values.ts';
import { isIndexFresh, writeIndex } from './results-index.ts';

export async function runIndexBench(args: readonly string[]): Promise<void> {
  const { values } = parseOnce({
    name: 'index',
    summary: 'Writes bench/results/README.md from the results that are there.',
    args: [...args],
    options: {
      check: { type: 'boolean', default: false, what: 'write nothing, fail where the page is not fresh' },
    },
  });
  if (!values.check) writeIndex();
  else if (!isIndexFresh()) {
    console.error('bench/results/README.md is not what the results say: run `npm run bench -- index`');
    process.exitCode = 1;
  }
  return Promise.resolve();
}
