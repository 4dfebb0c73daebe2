/** The account that the bot itself was given; a server's own is called by the server's id. */
export const defaultAccount = 'default';
