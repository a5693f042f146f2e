/**
 * Whatever was thrown or rejected with, in words. Never throws itself: an exception of user code may be anything, also
 * an object whose `message`, `name` or `toString` throws.
 */
export function messageOf(thrown: unknown): string {
  try {
    if (typeof thrown === 'string') return thrown;
    if (typeof thrown !== 'object' || thrown === null) return `${String(thrown)} was thrown`;
    const { message, name } = thrown as { readonly message?: unknown; readonly name?: unknown };
    if (typeof message === 'string' && message !== '') return message;
    if (typeof name === 'string' && name !== '') return `${name} without a message`;
    return 'an object without a message was thrown';
  } catch {
    return 'what was thrown cannot be read: its own getters throw';
  }
}
