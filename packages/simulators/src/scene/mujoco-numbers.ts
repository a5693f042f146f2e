type Numbers = Float64Array | Float32Array | Int32Array | Uint8Array;

/** A live view of an array in MuJoCo's memory, by its field's name; valid until that memory grows. */
export function numbersOf(owner: object, field: string): Numbers {
  const value: unknown = Reflect.get(owner, field);
  const isNumbers =
    value instanceof Float64Array ||
    value instanceof Float32Array ||
    value instanceof Int32Array ||
    value instanceof Uint8Array;
  if (!isNumbers) throw new TypeError(`MuJoCo has no array ${field}`);
  return value;
}

/** A copy, of three numbers. */
export function vectorOf(owner: object, field: string): [number, number, number] {
  const [x, y, z] = numbersOf(owner, field);
  return [x, y, z];
}
