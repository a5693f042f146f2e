import { optionsFault, shown } from '@gymwire/protocol';
import { AgentError } from '../errors.ts';
import type { TrainCallback } from './callback.ts';

const methods = Object.keys({
  onStart: true,
  onStep: true,
  onInterval: true,
  onEpisode: true,
  onTraining: true,
  onEvaluation: true,
  onCheckpoint: true,
  onEnd: true,
  state: true,
  restore: true,
} satisfies Record<Exclude<keyof TrainCallback, 'name' | 'usesClock' | 'interval'>, true>);

/** What the options of a run do by themselves. */
const builtIn: ReadonlySet<string> = new Set(['stopAtReturn', 'checkpointInterval']);

const namePattern = /^[A-Za-z][\w.-]{0,63}$/;

/** In JavaScript they may be anything. @throws AgentError INVALID_OPTION */
export function checkCallbacks(callbacks: unknown): void {
  if (callbacks === undefined) return;
  if (!Array.isArray(callbacks))
    throw invalid('callbacks', `expected an array of callbacks, got ${shown(callbacks)}`);
  const names = new Set<string>();
  callbacks.forEach((callback: unknown, i) => {
    const where = `callbacks[${i}]`;
    if (typeof callback !== 'object' || callback === null) {
      throw invalid(where, `expected an object such as { name, onEvaluation() {} }, got ${shown(callback)}`);
    }
    const name: unknown = Reflect.get(callback, 'name');
    if (typeof name !== 'string' || !namePattern.test(name)) {
      throw invalid(
        `${where}.name`,
        `expected a letter and up to 63 letters, digits, "_", "." and "-", got ${shown(name)}`,
      );
    }
    if (names.has(name) || builtIn.has(name)) {
      const whose = builtIn.has(name)
        ? 'an option of the run has this name'
        : 'another callback has this name';
      throw invalid(`${where}.name`, `"${name}": ${whose}: give it one of its own`);
    }
    names.add(name);
    checkMethods(callback, `${where} ("${name}")`);
  });
}

function checkMethods(callback: object, where: string): void {
  // It may have more than we ask for, though nothing that looks as if we did.
  const alike = Object.keys(callback).filter((key) => /^on[A-Z]/.test(key));
  const looks = Object.fromEntries(alike.map((key) => [key, true]));
  const fault = optionsFault(where, looks, methods, '{ onEvaluation() {} }');
  if (fault !== undefined) throw new AgentError('INVALID_OPTION', fault);
  const has = (name: string): unknown => Reflect.get(callback, name);
  for (const name of methods) {
    if (has(name) !== undefined && typeof has(name) !== 'function') {
      throw invalid(`${where}.${name}`, `expected a function, got ${shown(has(name))}`);
    }
  }
  const [interval, usesClock] = [has('interval'), has('usesClock')];
  if (usesClock !== undefined && typeof usesClock !== 'boolean') {
    throw invalid(`${where}.usesClock`, `expected true or false, got ${shown(usesClock)}`);
  }
  if (interval !== undefined && !(Number.isSafeInteger(interval) && (interval as number) > 0)) {
    throw invalid(
      `${where}.interval`,
      `expected a whole number of environment steps above zero, got ${shown(interval)}`,
    );
  }
  if ((interval === undefined) !== (has('onInterval') === undefined)) {
    throw invalid(where, 'interval and onInterval go together: give both or neither');
  }
  if (has('restore') !== undefined && has('state') === undefined) {
    throw invalid(where, 'restore takes what state() gave: give state, too');
  }
}

function invalid(where: string, what: string): AgentError {
  return new AgentError('INVALID_OPTION', `${where}: ${what}`);
}
