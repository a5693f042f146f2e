import { GymwireError, type Info, type Space, type Value, type VectorStepOptions } from '@gymwire/protocol';
import { sliceBatch } from './batch-parts.ts';
import type { EnvPlacer } from './env-placer.ts';
import { isPlaceLoss } from './fleet-host.ts';
import type { FleetMember, Outcome } from './fleet-member.ts';
import type { HostBook } from './host-book.ts';
import { type MemberReset, partOf } from './split-reset.ts';

/** What became of a reset of one session. */
export interface ResetOutcome {
  readonly member: FleetMember;
  /** Those that are in its place now, itself where nothing happened. */
  readonly members: readonly FleetMember[];
  /** All its episodes are gone, also of environments that were not to be reset. */
  readonly isLost: boolean;
  readonly infos: readonly (readonly [FleetMember, ReadonlyMap<number, Info>])[];
}

/** Losses of one whole reset, beyond which they are no accident. */
const maxLosses = 5;

/** Calls of single sessions, and other sessions in their place where hosts are lost. */
export class MemberCalls {
  readonly #book: HostBook;
  readonly #placer: EnvPlacer;
  readonly #observationSpace: Space;
  #isClosed = false;

  constructor(book: HostBook, placer: EnvPlacer, observationSpace: Space) {
    this.#book = book;
    this.#placer = placer;
    this.#observationSpace = observationSpace;
  }

  /** Nothing is made in the place of anything any more. */
  close(): void {
    this.#isClosed = true;
  }

  async step(member: FleetMember, action: Value, options: VectorStepOptions | undefined): Promise<Outcome> {
    if (member.isLost) return { type: 'lost', members: [member], cause: undefined };
    try {
      return { type: 'stepped', result: await member.env.step(action, options) };
    } catch (cause) {
      if (isEpisodeLoss(cause)) return { type: 'lost', members: lose([member]), cause };
      if (this.#isClosed || !isPlaceLoss(cause, member.host)) throw cause;
      return { type: 'lost', members: lose(await this.#replace(member, cause)), cause };
    }
  }

  /** A whole reset makes up for a place that is gone; one by mask loses what it leaves out. */
  async reset({ member, isWhole, options }: MemberReset, losses = 0): Promise<ResetOutcome> {
    try {
      const { observation, infos } = await member.env.reset(options);
      member.observation = observation;
      if (isWhole) member.isLost = false;
      return { member, members: [member], isLost: false, infos: [[member, infos]] };
    } catch (cause) {
      if (isEpisodeLoss(cause)) return { member, members: lose([member]), isLost: true, infos: [] };
      if (this.#isClosed || losses === maxLosses || !isPlaceLoss(cause, member.host)) throw cause;
      const members = await this.#replace(member, cause);
      if (!isWhole) return { member, members: lose(members), isLost: true, infos: [] };
      const parts = members.map((each) => partOf(options, each.first - member.first, each));
      const outcomes = await Promise.all(parts.map((part) => this.reset(part, losses + 1)));
      return {
        member,
        members: outcomes.flatMap((outcome) => outcome.members),
        isLost: false,
        infos: outcomes.flatMap((outcome) => outcome.infos),
      };
    }
  }

  /** Other sessions in the place of one that is gone, wherever there is room. */
  async #replace(member: FleetMember, cause: GymwireError): Promise<readonly FleetMember[]> {
    await this.#book.examine(member.host, cause.message);
    member.close().catch(() => undefined);
    const members = await this.#placer.replace(member.first, member.count);
    if (this.#isClosed) {
      await Promise.allSettled(members.map((late) => late.close()));
      throw cause;
    }
    const { observation } = member;
    for (const each of observation === undefined ? [] : members) {
      const offset = each.first - member.first;
      // Nobody learns from it; but a batch has a row an environment.
      each.observation = sliceBatch(this.#observationSpace, observation ?? null, offset, each.count);
    }
    return members;
  }
}

function lose(members: readonly FleetMember[]): readonly FleetMember[] {
  for (const member of members) member.isLost = true;
  return members;
}

function isEpisodeLoss(thrown: unknown): boolean {
  return thrown instanceof GymwireError && thrown.code === 'EPISODE_LOST';
}
