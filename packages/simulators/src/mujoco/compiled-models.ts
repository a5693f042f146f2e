/** Compiled models, kept for the next session: compiling takes from milliseconds to minutes, loading hardly any time. */
import type { XmlText } from './xml-text.ts';

/** A text to be compiled, and what errors call it. */
export type CompileText = (name: string, source: XmlText) => Promise<Uint8Array>;

interface Entry {
  readonly source: XmlText;
  readonly compiled: Promise<Uint8Array>;
  /** Bytes of the source and what became of it; 0 while it is compiled. */
  bytes: number;
}

/** The sources used last, up to a number of bytes. Sources are told apart by their text and their files' object. */
export class CompiledModels {
  readonly #maxBytes: number;
  readonly #compile: CompileText;
  /** Used last comes last. */
  #entries: Entry[] = [];

  constructor(maxBytes: number, compile: CompileText) {
    this.#maxBytes = maxBytes;
    this.#compile = compile;
  }

  /** @throws what compiling throws, to all who asked meanwhile; nothing of it is kept */
  get(name: string, source: XmlText): Promise<Uint8Array> {
    const known = this.#entries.find((entry) => isSameText(entry.source, source));
    if (known === undefined) return this.#enter(name, source).compiled;
    this.#entries = [...this.#entries.filter((entry) => entry !== known), known];
    return known.compiled;
  }

  #enter(name: string, source: XmlText): Entry {
    const compiled = this.#compile(name, source);
    const entry: Entry = { source, compiled, bytes: 0 };
    this.#entries.push(entry);
    compiled.then(
      (model) => {
        entry.bytes = model.length + sizeOf(source);
        this.#trim();
      },
      () => {
        this.#entries = this.#entries.filter((other) => other !== entry);
      },
    );
    return entry;
  }

  #trim(): void {
    let total = this.#entries.reduce((sum, { bytes }) => sum + bytes, 0);
    this.#entries = this.#entries.filter(({ bytes }) => {
      const stays = total <= this.#maxBytes || bytes === 0;
      if (!stays) total -= bytes;
      return stays;
    });
  }
}

export function isSameText(a: XmlText, b: XmlText): boolean {
  return a.xml === b.xml && a.files === b.files;
}

function sizeOf({ xml, files }: XmlText): number {
  // A string has two bytes a character, or one.
  return Object.values(files).reduce((sum, { length }) => sum + length, 2 * xml.length);
}
