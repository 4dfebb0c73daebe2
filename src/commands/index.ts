import { animate } from './animate.ts';
import type { Command } from './command.ts';
import { edit } from './edit.ts';
import { help } from './help.ts';
import { image } from './image.ts';
import { video } from './video.ts';

/** Every command, in the order in which Discord lists them. Router and registration share it. */
export const commands: Command[] = [image, edit, video, animate, help];
