/** Where an exception of user code comes from, out of V8's stack. */
import { sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file is a URL in modules, a path in CommonJS, and what `node:vm` or the exception's own code says of it. */
const frame = /^\s*at (?:(?:async )?(?<name>[^()]+) \()?(?<file>[^()]+):(?<line>\d+):\d+\)?$/;

/** A stack may have any length, and any text in it. */
const maxLines = 100;
const maxLineLength = 2000;

/**
 * Finds the innermost line that is neither Node's, nor this package's, nor a library's, as "my-sim/arm.js:12 in step";
 * undefined where there is none. Never throws, whatever the stack holds.
 */
type FindPlace = (error: Error) => string | undefined;

/** @param ownFolder of this package @param isWindows how paths are written */
export function createPlaceOf(ownFolder: URL, isWindows: boolean = sep === '\\'): FindPlace {
  const own = fileURLToPath(ownFolder, { windows: isWindows });
  return (error) => {
    const { stack } = error as { readonly stack?: unknown };
    if (typeof stack !== 'string') return undefined;
    for (const line of stack.split('\n', maxLines)) {
      if (line.length > maxLineLength) continue;
      const { name, file, line: number } = frame.exec(line)?.groups ?? {};
      if (file === undefined || file.startsWith('node:')) continue;
      const path = pathOf(file, isWindows);
      if (path.startsWith(own) || /[\\/]node_modules[\\/]/.test(path)) continue;
      // Not the whole path: how the operator's disk is laid out is nobody's business.
      const place = `${path.split(/[\\/]/).slice(-2).join('/')}:${number}`;
      return name === undefined ? place : `${place} in ${name}`;
    }
    return undefined;
  };
}

/** The finder for this package as it was built, or as it stands in the repository. */
export const placeOf: FindPlace = createPlaceOf(new URL('..', import.meta.url));

/** Returns the path as the system writes it; as it came where it is no URL of a file. */
function pathOf(file: string, isWindows: boolean): string {
  if (!file.startsWith('file:')) return file;
  try {
    return fileURLToPath(file, { windows: isWindows });
  } catch {
    return file;
  }
}
