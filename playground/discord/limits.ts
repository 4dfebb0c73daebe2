/** What Discord's app says of a file that is too large for a place. `limit` in bytes. */
export const tooPowerful = (limit: number): string =>
  `Your files are too powerful. Max file size: ${Math.round(limit / 1024 / 1024)} MB.`;
