// The documents keep to the truth as far as a program can tell: every relative link leads to a file (and to a heading of it), and every
// `trustline` command that they show, with its options, is one that the command line knows. Runs under Node.js 24.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { runCommandLine } from '../packages/cli/src/program.ts';
import { main, root } from './setup.mjs';

/** Fewer would mean that nothing was looked at. */
const fewest = { documents: 20, links: 50, commands: 30 };
/** Help texts by the words of their command. */
const helps = new Map();

await main(async () => {
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.md'], {
    cwd: root,
    encoding: 'utf8',
  });
  const documents = listed.split('\n').filter((path) => path !== '' && existsSync(join(root, path)));
  const faults = [];
  let links = 0;
  const commands = new Map();
  for (const document of documents) {
    const text = readFileSync(join(root, document), 'utf8');
    for (const [, target] of withoutCode(text).matchAll(/\]\(<?([^)>\s]+)>?(?:\s+"[^"]*")?\)/g)) {
      if (/^[a-z][a-z0-9+.-]*:/i.test(target)) continue;
      links += 1;
      const fault = linkFault(document, target);
      if (fault !== undefined) faults.push(`${document}: ${fault}`);
    }
    for (const command of shownCommands(text)) commands.set(command, [...(commands.get(command) ?? []), document]);
  }
  for (const [command, shownIn] of commands) {
    const fault = await commandFault(command);
    if (fault !== undefined) faults.push(`${[...new Set(shownIn)].join(', ')}: \`trustline ${command}\`: ${fault}`);
  }
  const seen = { documents: documents.length, links, commands: commands.size };
  for (const [what, least] of Object.entries(fewest)) {
    if (seen[what] < least) faults.push(`only ${seen[what]} ${what} were seen, at least ${least} are there`);
  }
  for (const fault of faults) process.stderr.write(`${fault}\n`);
  process.stdout.write(`${seen.documents} documents, ${seen.links} links, ${seen.commands} commands\n`);
  return faults.length === 0 ? 0 : 1;
});

function withoutCode(text) {
  return text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '');
}

function linkFault(document, target) {
  const [path, heading] = target.split('#');
  const file = path === '' ? join(root, document) : resolve(root, dirname(document), decodeURIComponent(path));
  if (!existsSync(file)) return `the link ${target} leads nowhere`;
  if (relative(root, file).startsWith('..')) return `the link ${target} leads out of the repository`;
  if (heading === undefined || !file.endsWith('.md')) return undefined;
  const headings = [...readFileSync(file, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, title]) => anchorOf(title));
  return headings.includes(heading) ? undefined : `the link ${target} names no heading there`;
}

/** As GitHub makes them. */
function anchorOf(title) {
  return title
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');
}

/** What stands after `trustline` in lines of code blocks that begin with it, and in code within a sentence. */
function* shownCommands(text) {
  for (const [block] of text.matchAll(/^```[\s\S]*?^```/gm)) {
    for (const [, command] of block.matchAll(/^\s*(?:[$#] )?(?:sudo -u \S+ )?(?:\.\/)?trustline (?!:)(.+)$/gm))
      yield command.trim();
  }
  for (const [, command] of text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/`(?:\.\/)?trustline ([^`\n]+)`/g)) {
    yield command.trim();
  }
}

/** The text that `trustline … --help` prints. */
async function helpOf(words) {
  const key = words.join(' ');
  if (!helps.has(key)) {
    let said = '';
    const out = (text) => {
      said += text;
    };
    await runCommandLine([...words, '--help'], { out, error: out, environment: {}, exitCode: 0 });
    helps.set(key, said);
  }
  return helps.get(key);
}

/** The names under `Commands:` of a help text. */
function commandsIn(help) {
  const [, list = ''] = /^Commands:\n((?: {2}.*\n?)+)/m.exec(help) ?? [];
  return [...list.matchAll(/^ {2}([a-z][a-z-]*)/gm)].map(([, name]) => name);
}

async function commandFault(command) {
  const words = command.replace(/\s#.*$/, '').split(/\s+/);
  const path = [];
  for (const word of words) {
    const known = commandsIn(await helpOf(path));
    if (known.includes(word)) path.push(word);
    else if (known.length > 0 && /^[a-z][a-z-]*$/.test(word)) return `there is no command ${word}`;
    else break;
  }
  if (path.length === 0 && !words[0].startsWith('-')) return 'there is no such command';
  const known = `${await helpOf([])}\n${await helpOf(path)}`;
  const unknown = words.slice(path.length).find((word) => {
    const [option] = word.split('=');
    return /^--?[a-z]/.test(option) && !new RegExp(`(^|[\\s,])${option}(?![a-z-])`, 'm').test(known);
  });
  return unknown === undefined ? undefined : `there is no option ${unknown}`;
}
