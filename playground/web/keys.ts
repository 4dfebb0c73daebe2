/** What the keyboard does outside of fields: arrows move through messages, places and menus, Escape leads back. */

const line = '[aria-label=Message]';
const inMessages = 'a, button, select, summary, input, audio, video';
/** What has a use for arrows of its own. */
const fields = 'select, input, textarea, audio, video, dialog, [role=combobox]';

/** One listener for the whole page. */
export function pageKeys(event: KeyboardEvent): void {
  const { target, key } = event;
  if (event.defaultPrevented || event.isComposing || !(target instanceof HTMLElement) || target.closest('dialog'))
    return;
  const handled =
    closeMenu(target, key) || moveInMenu(target, key) || moveInPlaces(target, key) || moveInMessages(target, key);
  if (handled) event.preventDefault();
  else if (isTyping(event) && target.matches('body, article')) focus(line);
}

/** Whoever types while a message has the focus means the line below. */
const isTyping = ({ key, ctrlKey, metaKey, altKey }: KeyboardEvent) =>
  key.length === 1 && key !== ' ' && !ctrlKey && !metaKey && !altKey;

function focus(selector: string): boolean {
  const element = document.querySelector<HTMLElement>(selector);
  element?.focus();
  return element !== null;
}

function closeMenu(target: HTMLElement, key: string): boolean {
  const menu = target.closest<HTMLDetailsElement>('details[open]');
  if (key !== 'Escape' || !menu) return false;
  menu.open = false;
  menu.querySelector('summary')?.focus();
  return true;
}

function moveInMenu(target: HTMLElement, key: string): boolean {
  const menu = target.closest('details[open]');
  return menu !== null && move([...menu.querySelectorAll<HTMLElement>('summary, button, input')], target, key);
}

function moveInPlaces(target: HTMLElement, key: string): boolean {
  const places = target.closest('nav');
  return places !== null && move([...places.querySelectorAll<HTMLElement>('button')].filter(isSeen), target, key);
}

const isSeen = (element: HTMLElement) => element.checkVisibility();

function moveInMessages(target: HTMLElement, key: string): boolean {
  const isEmptyLine = target instanceof HTMLInputElement && target.matches(line) && target.value === '';
  const messages = [...document.querySelectorAll<HTMLElement>('[role=log] article')];
  if (isEmptyLine && key === 'ArrowUp') {
    messages.at(-1)?.focus();
    return messages.length > 0;
  }
  const message = target.closest<HTMLElement>('[role=log] article');
  if (!message) return false;
  if (key === 'Escape') return focus(line) || focus('.send');
  return target.closest(fields) === null && move(messages, message, key);
}

/** Gives the focus to the element before or after `from`, or to the first or the last. */
function move(elements: HTMLElement[], from: HTMLElement, key: string): boolean {
  const at = elements.indexOf(from);
  const to = { ArrowUp: Math.max(0, at - 1), ArrowDown: at + 1, Home: 0, End: elements.length - 1 }[key];
  if (to === undefined) return false;
  elements[Math.min(to, elements.length - 1)]?.focus();
  return true;
}

/** Closes the menu that the focus leaves. */
export function leaveMenu({ target, relatedTarget }: FocusEvent): void {
  const menu = target instanceof Element && target.closest<HTMLDetailsElement>('details[open]');
  if (menu && relatedTarget instanceof Node && !menu.contains(relatedTarget)) menu.open = false;
}

/**
 * Puts one message in the way of Tab, with all that is in it: a channel full of cards would be hundreds of stops.
 *
 * @param current the id of the message that had the focus last; without it the newest one
 */
export function setTabStops(current: string | undefined): void {
  const messages = [...document.querySelectorAll<HTMLElement>('[role=log] article')];
  const stop = messages.find(({ dataset }) => dataset.id === current) ?? messages.at(-1);
  for (const message of messages) {
    message.tabIndex = message === stop ? 0 : -1;
    for (const inner of message.querySelectorAll<HTMLElement>(inMessages)) {
      if (message === stop) inner.removeAttribute('tabindex');
      else inner.tabIndex = -1;
    }
  }
}
