import { describe, expect, it } from 'vitest';
import { refuseReadableToken } from './readable-token.ts';

const token = 'a-token-of-sixteen';
const plain = { token, tls: undefined, insecure: false };

describe('a token on its way', () => {
  it.each(['127.0.0.1:50051', '[::1]:50051', 'localhost:1', 'unix:/run/gym.sock', '127.8.8.8:1'])(
    'goes to %s as it is: it stays on this machine',
    (address) => expect(() => refuseReadableToken(address, plain)).not.toThrow(),
  );

  it.each(['10.0.0.7:50051', 'sims.example:50051', 'dns:///sims:50051', '[2001:db8::1]:50051'])(
    'goes to %s over TLS only, unless the network is said to be trusted',
    (address) => {
      expect(() => refuseReadableToken(address, plain)).toThrow(/it could be read: encrypt/);
      expect(() => refuseReadableToken(address, { ...plain, tls: {} })).not.toThrow();
      expect(() => refuseReadableToken(address, { ...plain, insecure: true })).not.toThrow();
      expect(() => refuseReadableToken(address, { ...plain, token: undefined })).not.toThrow();
    },
  );
});
