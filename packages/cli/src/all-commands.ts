/** All commands with their flags, for the reference that is written from them: no command of its own imports this. */
import { createProgram } from './main.ts';

export const program = await createProgram({ run: async () => undefined });
