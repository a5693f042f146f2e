/** The arm behind the driver port: what a user of another robot writes. */
import { createSocket, type Socket } from 'node:dgram';
import type { CommandKind, RobotDriver, RobotResetContext, RobotSample } from '@gymwire/robot';
import { type ArmRequest, type ArmState, parseState } from './arm-protocol.ts';

export interface ArmDriverOptions {
  readonly host: string;
  readonly port: number;
}

type Unnumbered<T> = T extends unknown ? Omit<T, 'sequence'> : never;

/** Hanging, and as good as still. */
const HOME_ANGLE = 0.3;
const HOME_SPEED = 0.5;
const HOMING_TICKS = 1000;
/** Without a word from the arm. */
const SILENT_TICKS = 100;

class ArmDriver implements RobotDriver {
  readonly #socket: Socket = createSocket('udp4');
  readonly #options: ArmDriverOptions;
  #state: ArmState | undefined;
  /** Not handed out yet. */
  #fresh: ArmState | undefined;
  #sequence = 0;

  constructor(options: ArmDriverOptions) {
    this.#options = options;
  }

  open(): void {
    // An address that nobody listens on may come back as an error; the observation's age tells it better.
    this.#socket.on('error', () => undefined);
    this.#socket.on('message', (datagram) => {
      const state = parseState(datagram);
      // Datagrams overtake each other; an arm that was switched off and on counts from 0 again.
      const isOld =
        state === undefined || (this.#state !== undefined && isBefore(state.tick, this.#state.tick));
      if (isOld) return;
      this.#state = state;
      this.#fresh = state;
    });
  }

  /** Each state once: the control loop counts how long there was no other. */
  read(): RobotSample | undefined {
    const state = this.#fresh;
    this.#fresh = undefined;
    if (state === undefined) return undefined;
    const { angle, speed, isPressed } = state;
    return {
      values: [Math.cos(angle), Math.sin(angle), speed],
      ...(isPressed ? { emergencyStop: "the arm's red button is pressed" } : {}),
    };
  }

  write([torque]: Float64Array, kind: CommandKind): void {
    // A stop that was cleared: there would be no command otherwise.
    if (this.#state?.isBraked === true) this.#send({ type: 'release' });
    this.#send({ type: 'command', torque, kind });
  }

  emergencyStop(): void {
    this.#send({ type: 'stop' });
  }

  /** Brakes until the arm hangs. */
  async reset(context: RobotResetContext): Promise<void> {
    context.report('waiting for the arm to hang still');
    let silentTicks = 0;
    for (let i = 0; i < HOMING_TICKS; i++) {
      const sample = await context.nextTick();
      silentTicks = sample === undefined ? silentTicks + 1 : 0;
      if (silentTicks > SILENT_TICKS)
        throw new Error(`the arm has reported nothing for ${SILENT_TICKS} ticks`);
      if (sample === undefined) continue;
      const [cosine, sine, speed] = Array.from(sample.values);
      const isHome = Math.abs(Math.atan2(sine, -cosine)) < HOME_ANGLE && Math.abs(speed) < HOME_SPEED;
      if (isHome) return;
      context.command([-0.3 * speed]);
    }
    throw new Error(`the arm does not come to rest within ${HOMING_TICKS} ticks`);
  }

  close(): void {
    this.#socket.close();
  }

  #send(request: Unnumbered<ArmRequest>): void {
    const { host, port } = this.#options;
    this.#sequence += 1;
    this.#socket.send(JSON.stringify({ ...request, sequence: this.#sequence }), port, host);
  }
}

function isBefore(tick: number, last: number): boolean {
  return tick <= last && last - tick < 1000;
}

export function createDriver(options: ArmDriverOptions): RobotDriver {
  return new ArmDriver(options);
}
