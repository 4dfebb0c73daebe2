import type { ButtonInteraction, InteractionUpdateOptions, ModalMessageModalSubmitInteraction } from 'discord.js';
import type { Clock } from '../clock.ts';
import { limits } from '../text/limits.ts';
import { problemOf, type Sent } from './messages.ts';
import { whisper } from './whisper.ts';

/** A press is acknowledged without the card after this: Discord waits 3 seconds in all. Milliseconds. */
const readyWithin = 1500;

/** The right to edit a message through an interaction. */
export interface AnswerToken {
  application: string;
  token: string;
  /** Milliseconds since 1970. */
  until: number;
  message: string | null;
}

/**
 * The answer to one press, or to a form that a press has opened: the changed message itself where that is ready soon enough, which waits in no channel's line
 * and counts in no limit. Otherwise the press is acknowledged, and the message is edited later.
 */
export class PressAnswer {
  readonly token: AnswerToken & { message: string };
  readonly #interaction: ButtonInteraction | ModalMessageModalSubmitInteraction;
  readonly #cancel: () => void;
  #acknowledged: Promise<unknown> | undefined;

  /** @param onError told why the press could not be acknowledged */
  constructor(
    interaction: ButtonInteraction | ModalMessageModalSubmitInteraction,
    clock: Clock,
    onError: (error: unknown) => void,
  ) {
    this.#interaction = interaction;
    const { applicationId: application, token, message } = interaction;
    this.token = { application, token, until: clock.now() + limits.tokenLife, message: message.id };
    this.#cancel = clock.wakeAt(clock.now() + readyWithin, () => {
      this.#acknowledged ??= interaction.deferUpdate().catch(onError);
    });
  }

  /** Changes the pressed message; undefined when the press is acknowledged already. Never throws. */
  async update(body: InteractionUpdateOptions): Promise<Sent | undefined> {
    this.#cancel();
    if (this.#acknowledged) return this.#acknowledged.then(() => undefined);
    try {
      await this.#interaction.update(body);
      return { ok: true, channel: this.#interaction.channelId ?? '', message: this.token.message };
    } catch (error) {
      return { ok: false, problem: problemOf(error), error };
    }
  }

  /** Leaves the message as it is. */
  async acknowledge(): Promise<void> {
    this.#cancel();
    this.#acknowledged ??= this.#interaction.deferUpdate();
    await this.#acknowledged;
  }

  /** Tells only the person who pressed. */
  async whisper(content: string): Promise<void> {
    await this.close();
    await whisper(this.#interaction, content);
  }

  /** Acknowledges no more by itself; resolves when that is not under way either. */
  async close(): Promise<void> {
    this.#cancel();
    await this.#acknowledged;
  }
}
