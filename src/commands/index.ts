import type { RecipeName } from '../flows/recipes/index.ts';
import type { Command, RequestRules } from '../requests/command.ts';
import { budget } from './budget/budget.ts';
import { ad } from './generating/ad.ts';
import { animate } from './generating/animate.ts';
import { captions } from './generating/captions.ts';
import { cutout } from './generating/cutout.ts';
import { dub } from './generating/dub.ts';
import { edit } from './generating/edit.ts';
import { image } from './generating/image.ts';
import { lipsync } from './generating/lipsync.ts';
import { motion } from './generating/motion.ts';
import { music } from './generating/music.ts';
import { separate } from './generating/separate.ts';
import { sound } from './generating/sound.ts';
import { speech } from './generating/speech.ts';
import { video } from './generating/video.ts';
import { help } from './help/help.ts';
import { history } from './lists/history.ts';
import { jobs } from './lists/jobs.ts';
import { models } from './lists/models.ts';
import { show } from './lists/show.ts';
import { privacy } from './privacy/privacy.ts';
import { balance } from './server/balance.ts';
import { block } from './server/block.ts';
import { connect } from './server/connect.ts';
import { doctor } from './server/doctor.ts';
import { preferences } from './server/preferences.ts';
import { settings } from './settings/settings.ts';
import { style } from './style/style.ts';

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
  budget,
  jobs,
  history,
  show,
  preferences,
  privacy,
  settings,
  style,
  block,
  connect,
  doctor,
  help(() => commands),
];

/** The rules of a kind of flow, if its command has any. */
export const rulesOf = (recipe: RecipeName): RequestRules | undefined =>
  commands.find(({ name }) => name === recipe)?.rules;
