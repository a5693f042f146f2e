/** A live view of an array in MuJoCo's memory: valid until that memory grows, which leaves it with length 0. */
export function heapView(owner: object, name: string): Float64Array {
  const value: unknown = Reflect.get(owner, name);
  if (value instanceof Float64Array) return value;
  throw new TypeError(`MuJoCo has no float64 array ${name}`);
}
