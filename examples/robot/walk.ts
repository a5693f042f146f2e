/**
 * Arm, server and trainer at once, each a process of its own as on a robot: `node examples/dist/robot/walk.js [folder [steps]]`.
 * Ctrl-C comes to this one, which ends them in order: the trainer saves its run, the server gives the arm the safe action.
 */
import '../plain-errors.ts';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { stopOnRequest } from '../stop-signal.ts';

const [folder = 'runs/arm', steps = '2000'] = process.argv.slice(2);
const signal = stopOnRequest();
const running: ChildProcess[] = [];

/** @returns the program, whose lines are ours, and its address, which it prints behind `announces` */
async function start(name: string, args: readonly string[], announces: string): Promise<string> {
  const program = launch(name, args, 'pipe');
  let text = '';
  for await (const part of program.stdout ?? []) {
    text += String(part);
    const address = new RegExp(`${announces} (\\S+)`).exec(text)?.[1];
    if (address === undefined) continue;
    console.log(`${name}: ${announces} ${address}`);
    return address;
  }
  throw Object.assign(new Error(`${name} ended before it was ready; its own line says why`), {
    code: 'NOT_STARTED',
  });
}

function launch(name: string, args: readonly string[], output: 'pipe' | 'inherit'): ChildProcess {
  const path = fileURLToPath(new URL(`./${name}.js`, import.meta.url));
  const program = spawn(process.execPath, [path, ...args], {
    // The channel tells it when this program is gone: end-with-parent.ts.
    stdio: ['ignore', output, 'inherit', 'ipc'],
    // In a group of its own, which a terminal's Ctrl-C does not reach.
    detached: true,
    windowsHide: true,
  });
  running.push(program);
  return program;
}

try {
  const robot = await start('simulated-arm', [], 'arm on');
  const address = await start('serve', ['--robot', robot, '--port', '0'], 'serving on');
  const trainer = launch('train', [address, folder, steps], 'inherit');
  signal.addEventListener('abort', () => trainer.kill('SIGINT'));
  await once(trainer, 'close');
  process.exitCode = trainer.exitCode ?? 1;
} finally {
  for (const program of running.reverse()) {
    const isOver = program.exitCode !== null || program.signalCode !== null;
    if (!isOver && program.kill()) await once(program, 'exit');
  }
}
