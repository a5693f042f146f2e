import { describe, expect, it } from 'vitest';
import { AgentError, agentErrorCodes } from './errors.ts';

describe('AgentError', () => {
  it('carries a code, a message and the cause', () => {
    const cause = new Error('inner');
    const error = new AgentError('SHAPE_MISMATCH', 'expected 3 values, got 2', { cause });
    expect(error).toMatchObject({ name: 'AgentError', code: 'SHAPE_MISMATCH', cause });
    expect(error).toBeInstanceOf(Error);
    expect(error.message).toBe('expected 3 values, got 2');
  });

  it('has no code twice', () => {
    expect(new Set(agentErrorCodes).size).toBe(agentErrorCodes.length);
  });
});
