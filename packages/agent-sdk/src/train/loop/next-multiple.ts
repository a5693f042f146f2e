/** The first multiple of an interval after so many steps. */
export function nextMultiple(steps: number, interval: number): number {
  return (Math.floor(steps / interval) + 1) * interval;
}
