import { ChannelType } from 'discord.js';

/** The types of channels that stand by themselves: threads belong to one of them. */
export const ownChannels = [
  ChannelType.GuildText,
  ChannelType.GuildAnnouncement,
  ChannelType.GuildVoice,
  ChannelType.GuildStageVoice,
  ChannelType.GuildForum,
] as const;
