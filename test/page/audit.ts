import type { Page } from 'playwright-core';

/**
 * What axe would complain about, by its own rules: fields, buttons and lists without a name, lists with something else
 * in them, references to nothing, text with less contrast than 4.5 to 1.
 */
export function audit(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const problems: string[] = [];
    const tell = (rule: string, element: Element) => problems.push(`${rule}: ${element.outerHTML.slice(0, 120)}`);
    const isVisible = (element: Element) =>
      element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length > 0;
    const nameOf = (element: HTMLElement) =>
      element.getAttribute('aria-label') ||
      document.getElementById(element.getAttribute('aria-labelledby') ?? '')?.textContent ||
      ('labels' in element && element.labels instanceof NodeList && element.labels[0]?.textContent) ||
      (/^(BUTTON|A)$/.test(element.tagName) && element.textContent) ||
      '';

    for (const element of document.querySelectorAll<HTMLElement>(
      'input, select, textarea, button, a, dialog, [role=listbox], [role=region], video, audio, nav',
    ))
      if (isVisible(element) && !nameOf(element).trim()) tell('name', element);
    for (const image of document.querySelectorAll('img')) if (image.getAttribute('alt') === null) tell('alt', image);
    for (const list of document.querySelectorAll('[role=listbox]')) {
      if (list.children.length === 0) tell('listbox', list);
      for (const child of list.children) if (child.getAttribute('role') !== 'option') tell('listbox', child);
      if (list.querySelectorAll('button, a, input').length > 0) tell('listbox', list);
    }
    for (const attribute of ['aria-controls', 'aria-activedescendant', 'aria-labelledby'])
      for (const element of document.querySelectorAll(`[${attribute}]`))
        if (!document.getElementById(element.getAttribute(attribute) ?? '')) tell(attribute, element);
    const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
    if (new Set(ids).size !== ids.length) problems.push(`id used twice: ${ids}`);

    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const rgba = (colour: string): [number, number, number, number] => {
      if (!canvas) throw new Error('no canvas');
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
      const [red = 0, green = 0, blue = 0, alpha = 0] = canvas.getImageData(0, 0, 1, 1).data;
      return [red, green, blue, alpha / 255];
    };
    const light = ([red, green, blue]: number[]) => {
      const [r = 0, g = 0, b = 0] = [red, green, blue].map((value = 0) =>
        value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4,
      );
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = (element: Element | null): number[] => {
      if (!element) return [255, 255, 255];
      const [red, green, blue, alpha] = rgba(getComputedStyle(element).backgroundColor);
      if (alpha > 0.99) return [red, green, blue];
      const below = behind(element.parentElement);
      return [red, green, blue].map((value, index) => value * alpha + (below[index] ?? 0) * (1 - alpha));
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement;
      if (!element || !node.textContent?.trim() || !isVisible(element)) continue;
      if (element.closest('script, style, :disabled, .hidden-file, option')) continue;
      const [one, other] = [light(rgba(getComputedStyle(element).color)), light(behind(element))];
      const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
      if (contrast < 4.5) tell(`contrast ${contrast.toFixed(2)}`, element);
    }
    return problems;
  });
}
