import { getBackend } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { activateTfjsBackend, loadTfjsBackend } from './backend.ts';

describe('loadTfjsBackend', () => {
  it.each(['wasm', 'cpu'] as const)(
    'loads %s when it is asked for and says how to get the native one',
    async (name) => {
      const backend = await loadTfjsBackend(name);
      expect(backend.name).toBe(name);
      expect(backend.notice).toContain(name);
      expect(backend.notice).toContain('npm run setup:tfjs-node');
      expect(backend.notice).not.toContain('\n');
      expect(getBackend()).toBe(name);
    },
  );

  it('takes the native one by itself where it works, else wasm', async () => {
    const worksNatively = await loadTfjsBackend('tensorflow').then(
      () => true,
      () => false,
    );
    expect((await loadTfjsBackend()).name).toBe(worksNatively ? 'tensorflow' : 'wasm');
  });

  it('switches between loaded backends at once', async () => {
    await loadTfjsBackend('wasm');
    await loadTfjsBackend('cpu');
    activateTfjsBackend('wasm');
    expect(getBackend()).toBe('wasm');
    activateTfjsBackend('cpu');
    expect(getBackend()).toBe('cpu');
  });
});
