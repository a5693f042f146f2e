import { describe, expect, it } from 'vitest';
import { ExporterError, exporterErrorCodes, messageOf } from './errors.ts';

describe('ExporterError', () => {
  it('carries a code, a message and the cause', () => {
    const cause = new Error('inner');
    const error = new ExporterError('NOT_ONNX', 'expected a model', { cause });
    expect(error).toMatchObject({ name: 'ExporterError', code: 'NOT_ONNX', cause });
    expect(messageOf(error)).toBe('expected a model');
    expect(messageOf('plain text')).toBe('plain text');
  });

  it('has no code twice', () => {
    expect(new Set(exporterErrorCodes).size).toBe(exporterErrorCodes.length);
  });
});
