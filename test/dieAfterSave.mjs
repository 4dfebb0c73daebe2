import Database from 'libsql';

// Loaded before the bot: kills the process right after the nth write of a flow's record was committed, or after its
// last one.
let left = Number(process.env.DIE_AFTER_SAVE);
let isTime = false;
const { prepare, exec } = Database.prototype;

Database.prototype.prepare = function (sql) {
  const statement = prepare.call(this, sql);
  if (!sql.startsWith('INSERT')) return statement;
  const { run } = statement;
  statement.run = (values) => {
    const isLast = values[1].includes('"stage":"delivered"');
    if (/(^|:)flow:/.test(values[0]) && (--left === 0 || isLast)) isTime = true;
    return run.call(statement, values);
  };
  return statement;
};

Database.prototype.exec = function (sql) {
  const result = exec.call(this, sql);
  if (sql === 'COMMIT' && isTime) process.kill(process.pid, 'SIGKILL');
  return result;
};
