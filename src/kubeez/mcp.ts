/** All that needs the SDK of MCP: {@link loadMcp} loads it. */
export { openWire } from './era.ts';
export { failureOf, isAnswered, isUnknownTask, mayBeSessionGone } from './failures.ts';
