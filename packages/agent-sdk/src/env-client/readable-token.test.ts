import { expect, it } from 'vitest';
import { connect } from './connection.ts';
import { connectOperator } from './operator-client.ts';

const token = 'a-token-of-sixteen';

it('a token that could be read on its way is refused before anything is sent, to a server and to its operator’s side', async () => {
  const refused = { code: 'INVALID_ARGUMENT', message: expect.not.stringContaining(token) };
  await expect(connect('10.0.0.7:50051', { token })).rejects.toMatchObject(refused);
  expect(() => connectOperator('10.0.0.7:50051', { token })).toThrow(/it could be read/);
});
