import { chmodSync, existsSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The mode of a file that only its owner may read. */
const ownerOnly = 0o600;

/** The `.env` of a folder. */
export class EnvFile {
  readonly path: string;
  /** Whether it was written here. */
  isWritten = false;

  constructor(folder: string) {
    this.path = join(folder, '.env');
  }

  get isThere(): boolean {
    return existsSync(this.path);
  }

  /** Its text; empty when there is none. Throws what Node throws for a file that cannot be read. */
  read(): string {
    return this.isThere ? readFileSync(this.path, 'utf8') : '';
  }

  /**
   * Replaces it as a whole, readable by its owner alone: whatever happens, it is the old one or the new one. Throws what
   * Node throws for a folder that cannot be written.
   */
  write(text: string): void {
    // A link is followed, not replaced.
    const target = this.isThere ? realpathSync(this.path) : this.path;
    const fresh = `${target}.new`;
    try {
      writeFileSync(fresh, text, { mode: ownerOnly });
      // A file that was left over keeps the mode it had.
      chmodSync(fresh, ownerOnly);
      renameSync(fresh, target);
      this.isWritten = true;
    } catch (error) {
      rmSync(fresh, { force: true });
      throw error;
    }
  }
}
