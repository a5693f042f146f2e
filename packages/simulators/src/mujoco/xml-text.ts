/** A model's text, and what it names. */
export interface XmlText {
  readonly xml: string;
  /** What the XML names, by its path from the XML's folder. */
  readonly files: Readonly<Record<string, Uint8Array>>;
}
