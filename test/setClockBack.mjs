// Loaded before the bot: on SIGUSR2 the machine's clock is set back by an hour.
const machine = Date.now;
let behind = 0;
Date.now = () => machine() - behind;
process.on('SIGUSR2', () => {
  behind = 3_600_000;
  console.log('set back');
});
