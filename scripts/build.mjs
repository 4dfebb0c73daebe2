// Compiles to dist/, with `bench` the benchmark as well. The bot is one file with its libraries in it: to read a hundred files
// takes most of a start. Whatever brings a binary, is there for some only or is asked for with require, stays outside; what only some settings need is a
// file of its own.
import { cpSync, readFileSync, rmSync } from 'node:fs';
import * as discord from 'discord.js';
import { build } from 'esbuild';

/**
 * Of a library in the older form of modules, a bundle makes each file that imports it a copy of all its names. discord.js has
 * a thousand, and sixty files import it: here they share one copy.
 */
const oneDiscord = {
  name: 'one discord.js',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^discord\.js$/ }, ({ namespace }) =>
      namespace === 'one' ? undefined : { path: 'discord.js', namespace: 'one', sideEffects: false },
    );
    const names = Object.keys(discord).filter((name) => name !== 'default' && name !== 'module.exports');
    onLoad({ filter: /./, namespace: 'one' }, () => ({
      contents: `import * as all from 'discord.js';\nexport const { ${names.join(', ')} } = all;`,
      resolveDir: import.meta.dirname,
    }));
  },
};

/** zod's own messages in fifty languages: nobody is shown any of them, and they are half of it. */
const zodInEnglish = {
  name: 'zod in English',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({ contents: '' }));
  },
};

/**
 * The sentences of all languages are a sixth of what a start would make objects of. As text they are hardly looked at, and
 * each language is read when it is first asked for one of its groups.
 */
const textsWhenAsked = {
  name: 'texts when asked for',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]src[\\/]text[\\/][\w-]+\.json$/ }, ({ path }) => {
      const tree = JSON.parse(readFileSync(path, 'utf8'));
      const text = JSON.stringify(JSON.stringify(tree));
      const groups = Object.keys(tree).map(
        (name) => `get ${JSON.stringify(name)}() { return read()[${JSON.stringify(name)}]; }`,
      );
      return {
        contents: `let tree; const read = () => (tree ??= JSON.parse(${text})); export default { ${groups.join(', ')} };`,
      };
    });
  },
};

const shared = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  outbase: '.',
  outdir: 'dist',
  logLevel: 'error',
};

const bot = {
  plugins: [oneDiscord, zodInEnglish, textsWhenAsked],
  entryPoints: [
    'src/main.ts',
    'src/sharded.ts',
    'src/cli.ts',
    'src/doctor/main.ts',
    'src/setup/main.ts',
    'src/backup/main.ts',
  ],
  splitting: true,
  chunkNames: 'src/shared/[name]-[hash]',
  // Less to read at each start. Names stay, and lines are short, so that a stack trace leads somewhere.
  minifyWhitespace: true,
  minifySyntax: true,
  lineLimit: 160,
  external: ['libsql', '@resvg/resvg-js', 'zlib-sync', 'bufferutil', 'utf-8-validate'],
  // Libraries in the older form of modules ask for Node's own parts with require.
  banner: {
    js: "import { createRequire as requireOf } from 'node:module';\nconst require = requireOf(import.meta.url);",
  },
};

// The playground is in the package as well: it has its libraries in it, apart from those that the package brings anyway.
// The page replays stories of the simulator, which replaces time before it loads the rest: as a second file.
const playground = {
  ...bot,
  entryPoints: ['playground/main.ts', 'playground/simulate/worker.ts'],
  // All in one folder, in which each finds the files of the pages.
  chunkNames: 'playground/[name]-[hash]',
};

const page = {
  entryPoints: ['playground/web/app.ts', 'playground/web/panel/main.ts'],
  platform: 'browser',
  target: 'es2022',
  minify: true,
};

/** Files of the pages that are as they are. */
const pageFiles = [
  'kubeez/upload.html',
  'web/index.html',
  ...['style', 'messages', 'controls', 'narrow', 'panel/panel'].map((name) => `web/${name}.css`),
];

// For the repository alone.
const others = {
  entryPoints: ['playground/demo.ts', 'playground/screenshot.ts'],
  packages: 'external',
};

// Uses parts of the tests, which are not where the bot is built to be used. What the bot is compared with is built as it is;
// its start also with that of a bot as one writes it, whose libraries are where npm puts them.
const bench = [
  {
    entryPoints: { 'bench/main': 'bench/main.ts', 'bench/bareBotAsWritten': 'bench/bareBot.ts' },
    packages: 'external',
  },
  { ...bot, entryPoints: ['bench/bareBot.ts', 'bench/liveHeap.ts'], chunkNames: 'bench/shared/[name]-[hash]' },
];

// Of earlier builds: their names change with what is in them.
for (const folder of ['src/shared', 'playground', 'bench']) rmSync(`dist/${folder}`, { recursive: true, force: true });
const parts = [bot, playground, page, others, ...(process.argv[2] === 'bench' ? bench : [])];
await Promise.all(parts.map((part) => build({ ...shared, ...part })));
for (const file of pageFiles) cpSync(`playground/${file}`, `dist/playground/${file}`);
