import type { Person } from '../playground/discord/person.ts';
import type { TestStage } from './stage.ts';

/** So many more members of the server. */
export const people = ({ discord, guild }: TestStage, count: number): Person[] =>
  Array.from({ length: count }, (_, index) => {
    const user = discord.world.addUser(`Person ${index}`);
    guild.members.add(user.id);
    return discord.person(user);
  });
