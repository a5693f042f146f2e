import { elementCount, GymwireError, isTensor, type Space, type Value } from '@gymwire/protocol';

/**
 * A host that refuses an action would leave its environments behind those of the other hosts.
 * @param ignored environments that take no action in this step; those beyond its end: none
 * @throws GymwireError NON_FINITE_ACTION, before anything has moved
 */
export function refuseNonFinite(space: Space, batch: Value, ignored: readonly boolean[]): void {
  if (space.type !== 'box' || !isTensor(batch)) return;
  const { data } = batch;
  if (!(data instanceof Float32Array || data instanceof Float64Array)) return;
  const size = elementCount(space.low.shape);
  for (let k = 0; k < data.length; k++) {
    if (Number.isFinite(data[k])) continue;
    const env = Math.floor(k / size);
    if (ignored[env] === true) continue;
    throw new GymwireError(
      'NON_FINITE_ACTION',
      `the action of environment ${env}[${k % size}] is ${data[k]}; expected a finite number`,
    );
  }
}
