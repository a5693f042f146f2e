/** Certificates made for the test that asks: nothing to expire, no key in the repository. */
import { generate } from 'selfsigned';

export interface Authority {
  /** PEM, as all here. */
  readonly ca: string;
  issue(subject: string): Promise<{ readonly certificate: string; readonly privateKey: string }>;
}

const common = { keyType: 'ec', algorithm: 'sha256' } as const;

/** An authority whose certificates hold for a host name or an IP address. */
export async function createAuthority(name: string): Promise<Authority> {
  const root = await generate([{ name: 'commonName', value: name }], {
    ...common,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, digitalSignature: true, critical: true },
    ],
  });
  return {
    ca: root.cert,
    async issue(subject) {
      const isAddress = /^[\d.]+$/.test(subject);
      const leaf = await generate([{ name: 'commonName', value: subject }], {
        ...common,
        ca: { key: root.private, cert: root.cert },
        extensions: [
          { name: 'basicConstraints', cA: false },
          { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
          {
            name: 'subjectAltName',
            altNames: [isAddress ? { type: 7, ip: subject } : { type: 2, value: subject }],
          },
        ],
      });
      return { certificate: leaf.cert, privateKey: leaf.private };
    },
  };
}
