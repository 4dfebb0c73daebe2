/**
 * A moment as Discord shows it to everyone in their own time (docs: reference, Message Formatting).
 *
 * @param at milliseconds since 1970
 * @param style `t`: 11:39; `R`: in 3 minutes; `D`: 25 November 2026
 */
export const timestamp = (at: number, style: 't' | 'R' | 'D') => `<t:${Math.round(at / 1000)}:${style}>`;
