export type * from './gym.ts';
export * from './space.ts';
export * from './tensor.ts';
export * from './value.ts';
