// Whether the bot of this container is well: ends with 0 or 1. Without HTTP_PORT there is nothing to ask, and a bot that
// runs counts as well.
const port = process.env.HTTP_PORT?.trim();
const isWell = (address) =>
  fetch(address).then(
    ({ ok }) => ok,
    () => false,
  );
process.exit(!port || (await isWell(`http://127.0.0.1:${port}/health`)) ? 0 : 1);
