import Database from 'libsql';

// Loaded before the bot: kills the process right after the nth write of a flow's record was committed, or after its
// last one. DIE_ON names other writes to count: `INSERT <key>` or `DELETE <key>`.
let left = Number(process.env.DIE_AFTER_SAVE);
const others = process.env.DIE_ON ? new RegExp(process.env.DIE_ON) : undefined;
let isTime = false;
const { prepare, exec } = Database.prototype;

Database.prototype.prepare = function (sql) {
  const statement = prepare.call(this, sql);
  const [verb] = sql.split(' ');
  if (verb !== 'INSERT' && sql !== 'DELETE FROM records WHERE key = ?') return statement;
  const { run } = statement;
  statement.run = (values) => {
    if (others) {
      if (others.test(`${verb} ${values[0]}`) && --left === 0) isTime = true;
      return run.call(statement, values);
    }
    if (verb === 'DELETE') return run.call(statement, values);
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
