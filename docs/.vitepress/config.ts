import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig, type MarkdownRenderer } from 'vitepress';

type Token = ReturnType<MarkdownRenderer['parse']>[number];

/**
 * The pages' own Markdown shows a picture by the colours of the system, as GitHub does. The site has a switch of its own,
 * which its pictures follow by this.
 */
const picturesFollowTheSwitch = `
  const page = document.documentElement;
  const follow = () => {
    for (const light of document.querySelectorAll('picture source[srcset*="-light"]')) {
      light.media = page.classList.contains('dark') ? 'not all' : 'all';
    }
  };
  new MutationObserver(follow).observe(page, { subtree: true, childList: true, attributeFilter: ['class'] });
`;

/** `npm run docs:site`: README and docs/ as a site in out/site. The pages are plain Markdown, whose links work on GitHub as well. */
export default defineConfig({
  title: 'Kubeez for Discord',
  description: 'Pictures, clips, music and speech in Discord: the price first, then Confirm.',
  head: [['script', {}, picturesFollowTheSwitch]],
  // The pages link to README and CONTRIBUTING, so these are pages of the site.
  srcDir: '..',
  srcExclude: ['{src,test,playground,bench,scripts,dist,data,.github}/**', 'out*/**'],
  outDir: '../out/site',
  cacheDir: '../out/site-cache',
  themeConfig: {
    search: { provider: 'local' },
    nav: [
      { text: 'Make something', link: '/docs/make/picture' },
      { text: 'Run a server', link: '/docs/admin' },
      { text: 'Run the bot', link: '/docs/hosting' },
      { text: 'Codes', link: '/docs/errors' },
    ],
    sidebar: [
      group('Make something', {
        'A picture': 'make/picture',
        'A clip': 'make/clip',
        'Music, speech and sound': 'make/sound',
        'Captions, voices, languages': 'make/recordings',
        'Go on from a result': 'make/result',
        'Find what was made': 'make/find',
        'Credits, limits, approval': 'make/credits',
        'What you can choose': 'make/preferences',
      }),
      group('Run a server', {
        'Administrator’s guide': 'admin',
        Troubleshooting: 'troubleshooting',
        Codes: 'errors',
        Privacy: 'privacy',
        'Where results come from': 'provenance',
      }),
      group('Run the bot', {
        README: '../README',
        'Where it runs': 'hosting',
        Operations: 'operations',
        Scale: 'scale',
        Speed: 'speed',
      }),
      group('Work on the code', {
        Contributing: '../CONTRIBUTING',
        Architecture: 'architecture',
        Decisions: 'decisions',
        Reliability: 'reliability',
        'The stand-ins': 'stand-ins',
        'Add a recipe': 'add-a-recipe',
        'Add a command': 'add-a-command',
        'All texts': 'texts',
        Glossary: 'glossary',
      }),
    ],
  },
  markdown: {
    // A link into the code leads nowhere on the site: there only its words are left.
    config: (markdown) => {
      markdown.core.ruler.push('links into the code', ({ tokens }) => {
        for (const token of tokens) token.children = withoutCode(token.children);
      });
    },
  },
  // The first page is docs/index.md.
  buildEnd: ({ outDir }) =>
    writeFileSync(join(outDir, 'index.html'), '<!doctype html><meta http-equiv="refresh" content="0; url=docs/">\n'),
});

function group(text: string, pages: Record<string, string>) {
  const items = Object.entries(pages).map(([name, page]) => ({
    text: name,
    link: page.startsWith('../') ? page.slice(2) : `/docs/${page}`,
  }));
  return { text, collapsed: false, items };
}

/** Whether a link leads to a file of the repository that is no page. */
const isCode = (address: string) =>
  !/^(https?:|#|mailto:)/.test(address) && !/\.(md|html|png|svg)(#.*)?$/.test(address);

/** What stands in a line, without the marks of such links. No link stands in another. */
function withoutCode(tokens: Token[] | null): Token[] | null {
  let isLeftOut = false;
  return (
    tokens?.filter((token) => {
      if (token.type === 'link_open') isLeftOut = isCode(token.attrGet('href') ?? '');
      return !(isLeftOut && token.type.startsWith('link_'));
    }) ?? null
  );
}
