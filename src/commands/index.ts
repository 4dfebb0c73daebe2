import { ad } from './ad.ts';
import { animate } from './animate.ts';
import { balance } from './balance.ts';
import { captions } from './captions.ts';
import type { Command } from './command.ts';
import { connect } from './connect.ts';
import { cutout } from './cutout.ts';
import { doctor } from './doctor.ts';
import { dub } from './dub.ts';
import { edit } from './edit.ts';
import { help } from './help.ts';
import { history } from './history.ts';
import { image } from './image.ts';
import { jobs } from './jobs.ts';
import { lipsync } from './lipsync.ts';
import { models } from './models.ts';
import { motion } from './motion.ts';
import { music } from './music.ts';
import { preferences } from './preferences.ts';
import { separate } from './separate.ts';
import { show } from './show.ts';
import { sound } from './sound.ts';
import { speech } from './speech.ts';
import { video } from './video.ts';

/** Every command, in the order in which Discord lists them. Router and registration share it. */
export const commands: Command[] = [
  image,
  edit,
  video,
  animate,
  motion,
  lipsync,
  music,
  speech,
  captions,
  separate,
  ad,
  cutout,
  sound,
  dub,
  models,
  balance,
  jobs,
  history,
  show,
  preferences,
  connect,
  doctor,
  help(() => commands),
];
