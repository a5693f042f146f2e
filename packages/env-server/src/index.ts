export type * from './env.ts';
export type * from './seeding/random-generator.ts';
