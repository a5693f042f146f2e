/** True where this thread serves clients, who would wait for each other while it computes. */
let serves = false;

/** From now on work that takes long is done in threads of its own; a thread that serves nobody does it itself. */
export function beginServing(): void {
  serves = true;
}

export function isServing(): boolean {
  return serves;
}
