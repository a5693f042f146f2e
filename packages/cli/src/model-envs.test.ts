import { describe, expect, it } from 'vitest';
import { collectModelEnv } from './model-envs.ts';

describe('--xml', () => {
  it.each([
    ['Arm-v0=arm.xml', { id: 'Arm-v0', path: 'arm.xml' }],
    ['lab/Arm-v12=a=b.xml', { id: 'lab/Arm-v12', path: 'a=b.xml' }],
    ['Arm-v0=C:\\models\\arm.xml', { id: 'Arm-v0', path: 'C:\\models\\arm.xml' }],
    ['Dog-v1=Ant-v5:C:\\dog.xml', { id: 'Dog-v1', task: 'Ant-v5', path: 'C:\\dog.xml' }],
    ['Dog-v1=Ant-v5:dog.xml', { id: 'Dog-v1', task: 'Ant-v5', path: 'dog.xml' }],
  ])('%s', (text, expected) => {
    expect(collectModelEnv(text, [])).toEqual([expected]);
  });

  it('is repeatable', () => {
    const both = collectModelEnv('B-v0=b.xml', collectModelEnv('A-v0=a.xml', []));
    expect(both.map(({ id }) => id)).toEqual(['A-v0', 'B-v0']);
  });

  it.each(['arm.xml', 'Arm=arm.xml', '=arm.xml', 'Arm-v0='])('refuses %s', (text) => {
    expect(() => collectModelEnv(text, [])).toThrow(/Expected an id with a version and a file/);
  });
});
