/** What the SDK of MCP does for a sign-in. It brings all of the SDK with it, so it is loaded after the login. */
export { auth, discoverOAuthServerInfo, refreshAuthorization } from '@modelcontextprotocol/sdk/client/auth.js';
