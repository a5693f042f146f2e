/** Where subjects run: the same cores and the same number of threads for all of them. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** Part of util-linux. */
const binder = 'taskset';

export interface Placement {
  /** The placement, for the head of a table. */
  readonly description: string;
  readonly environment: Readonly<Record<string, string>>;
  place(command: string, args: readonly string[]): [command: string, args: readonly string[]];
}

/** Binds processes to the last `cores` cores that this one may use, where `taskset` exists. */
export function placeOn(cores: number): Placement {
  const environment = threadLimits(cores);
  const allowed = allowedCores();
  const plural = cores === 1 ? 'core' : 'cores';
  if (allowed === undefined || spawnSync(binder, ['--version']).status !== 0) {
    return {
      description: `${cores} ${plural} by thread limits only: no taskset here`,
      environment,
      place: (command, args) => [command, args],
    };
  }
  const list = allowed.slice(-cores).join(',');
  return {
    description: `bound to ${Math.min(cores, allowed.length)} ${plural} (taskset -c ${list})`,
    environment,
    place: (command, args) => [binder, ['-c', list, command, ...args]],
  };
}

export function machineCores(): number {
  return availableParallelism();
}

/** What the libraries read at their start; PyTorch is also told in the script. */
export function threadLimits(threads: number): Record<string, string> {
  const limit = String(threads);
  const xla =
    threads === 1
      ? { XLA_FLAGS: '--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1' }
      : undefined;
  return {
    OMP_NUM_THREADS: limit,
    MKL_NUM_THREADS: limit,
    OPENBLAS_NUM_THREADS: limit,
    TF_NUM_INTRAOP_THREADS: limit,
    TF_CPP_MIN_LOG_LEVEL: '2',
    JAX_PLATFORMS: 'cpu',
    CUDA_VISIBLE_DEVICES: '',
    GYMWIRE_BENCH_THREADS: limit,
    ...xla,
  };
}

/** Linux only: a container may not have all of the machine's cores. */
function allowedCores(): number[] | undefined {
  if (!existsSync('/proc/self/status')) return undefined;
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return list?.split(',').flatMap((range) => {
    const [first, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}
