/** Where an exception of user code comes from, out of V8's stack. */

const frame = /^\s*at (?:(?:async )?(?<name>[^()]+) \()?(?:file:\/\/)?(?<file>[^()]+):(?<line>\d+):\d+\)?$/;

/** This package, as it was built or as it stands in the repository. */
const ownFolder = new URL('..', import.meta.url).pathname;

/**
 * @returns the innermost line that is neither Node's, nor this package's, nor a library's, as
 * "my-sim/arm.js:12 in step"; undefined where there is none
 */
export function placeOf(error: Error): string | undefined {
  for (const line of (error.stack ?? '').split('\n')) {
    const { name, file, line: number } = frame.exec(line)?.groups ?? {};
    if (file === undefined || isForeign(file)) continue;
    // Not the whole path: how the operator's disk is laid out is nobody's business.
    const place = `${file.split(/[\\/]/).slice(-2).join('/')}:${number}`;
    return name === undefined ? place : `${place} in ${name}`;
  }
  return undefined;
}

function isForeign(file: string): boolean {
  return (
    file.startsWith('node:') || /[\\/]node_modules[\\/]/.test(file) || decodeURI(file).startsWith(ownFolder)
  );
}
