import { buttonsOf, type Person } from '../playground/discord/person.ts';
import type { Message } from '../playground/discord/world.ts';

/** Presses a button of a message for somebody, if it is there. */
export function pressIf(person: Person, message: Message | undefined, label: string): void {
  const button = message && buttonsOf(message).find((one) => one.label.startsWith(label));
  if (message && button?.custom_id && !button.disabled) void person.pressRaw(message, button.custom_id);
}
