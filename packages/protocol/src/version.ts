/** The wire contract spoken here. Majors must be equal; minors only add what older peers may ignore. */
export const protocolVersion = { major: 1, minor: 3 } as const;

/** The version of these packages, sent in the handshake for logs. */
export const packageVersion = '0.1.0';
