// Commands that the pages show, held to the programs that they call. Nothing is run.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readPage } from './pages.mjs';

const SCRIPT = /^(npx lacuna|lacuna|npm run|npx nx run|node experiments\/bin\/lacuna\.mjs)\s+(.*)$/;

/** Commands of a page, in blocks of code and in lines, each as its words. */
export function commandsOf({ tokens }) {
  return tokens.flatMap((token) => {
    if (token.type === 'fence' || token.type === 'code_block')
      return commandsIn(token.content.replaceAll(/\s*\\\n\s*/g, ' ').split('\n'), token.line);
    if (token.type !== 'inline') return [];
    const lines = token.children.filter(({ type }) => type === 'code_inline').map(({ content }) => content);
    return commandsIn(lines, token.line);
  });
}

function commandsIn(lines, line) {
  return lines.flatMap((text) => {
    const [, program, rest] = SCRIPT.exec(text.trim().replace(/^\$ /, '')) ?? [];
    return program === undefined ? [] : [{ program, words: wordsOf(rest), text: text.trim(), line }];
  });
}

/** Words as a shell takes them apart, up to a comment, a pipe or what explains the command, two blanks behind it. */
function wordsOf(text) {
  const [command] = text.split(/ {2,}| [#|>&] ?|;/);
  const words = command.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? [];
  return words.map((word) => word.replaceAll(/["']/g, ''));
}

/** What is wrong with a command; null where nothing is. */
export function faultOf({ program, words }, programs) {
  if (program === 'npm run') return faultOfScript(words, programs);
  if (program === 'npx nx run') return programs.targets.has(words[0]) ? null : `there is no target ${words[0]}`;
  return faultOfCall(words, programs.lacuna);
}

/** `npm run NAME [-w PACKAGE] [-- options of lacuna sweep]`. */
function faultOfScript([name, ...rest], { scripts, lacuna }) {
  const workspace = rest.includes('-w') ? rest[rest.indexOf('-w') + 1] : '';
  if (!scripts.get(workspace)?.has(name)) return `there is no script ${name}${workspace && ` in ${workspace}`}`;
  const handedOn = rest.includes('--') ? rest.slice(rest.indexOf('--') + 1) : [];
  return name === 'sweep' ? faultOfCall(['sweep', ...handedOn], lacuna) : null;
}

/** Follows the words into commander's program: its commands, their options, and what an option may be. */
function faultOfCall(words, lacuna) {
  let command = lacuna;
  const rest = [...words];
  while (command.commands.length > 0 && /^[a-z]/.test(rest[0] ?? '')) {
    const name = rest.shift();
    const next = command.commands.find((each) => each.name() === name);
    if (next === undefined) return `${command.name()} has no command ${name}`;
    command = next;
  }
  const options = [...command.options, ...lacuna.options];
  for (const [i, word] of rest.entries()) {
    if (!/^--?[a-z]/i.test(word)) continue;
    const [flag, given] = word.split('=');
    if (['--help', '-h'].includes(flag)) continue;
    const option = options.find((each) => [each.long, each.short].includes(flag));
    if (option === undefined) return `${command.name()} has no option ${flag}`;
    const fault = faultOfValue(option, given ?? rest[i + 1]);
    if (fault) return fault;
  }
  return null;
}

function faultOfValue({ long, required, argChoices }, value) {
  if (!required) return null;
  if (value === undefined) return null;
  if (argChoices === undefined || /^[A-Z.]+$/.test(value)) return null;
  return argChoices.includes(value) ? null : `${long} is no ${value}, but ${argChoices.join(', ')}`;
}

/** One line for each command of the pages that names what there is not. */
export function wrongCommands(root, paths, programs) {
  return paths.flatMap((path) =>
    commandsOf(readPage(root, path)).flatMap((command) => {
      const fault = faultOf(command, programs);
      return fault ? [`${path}:${command.line}: ${command.text}: ${fault}`] : [];
    }),
  );
}

/** Scripts of npm by workspace ('' is the root), named by folder or package; targets of nx as PROJECT:TARGET. */
export function scriptsAndTargets(root) {
  const scripts = new Map();
  const targets = new Set();
  const packages = readdirSync(join(root, 'packages')).map((name) => `packages/${name}`);
  for (const folder of ['', ...packages, 'experiments', 'tests']) {
    const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    const names = Object.keys(manifest.scripts ?? {});
    scripts.set(folder, new Set(names));
    if (folder !== '') scripts.set(manifest.name, new Set(names));
    const project = manifest.nx?.name ?? manifest.name;
    for (const target of [...names, ...Object.keys(manifest.nx?.targets ?? {})]) targets.add(`${project}:${target}`);
  }
  return { scripts, targets };
}
