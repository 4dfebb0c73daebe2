import type { Channel } from './world.ts';

/** The kinds of channels the stand-in has, with Discord's numbers (docs: resources/channel). */
export const channelTypes = { text: 0, dm: 1, thread: 11, privateThread: 12 } as const;

export const isThread = ({ type }: Pick<Channel, 'type'>): boolean =>
  type === channelTypes.thread || type === channelTypes.privateThread;
