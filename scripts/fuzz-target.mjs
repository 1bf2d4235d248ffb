// One fuzz target, in a process of its own: node fuzz-target.mjs <room> <file> <seconds> <seed>
// Inputs are made of the room's vectors, mutated by a seeded generator; a failing input is kept and printed.
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './setup.mjs';

const [room, file, secondsText, seedText] = process.argv.slice(2);
const name = `${room}/${file.replace(/\.ts$/, '')}`;
const seed = Number(seedText) >>> 0;
const largestSeed = 65_536;
const longestInput = 16_384;

const target = await import(pathToFileURL(join(root, 'packages', room, 'fuzz', file)).href);
if (typeof target.fuzz !== 'function') {
  process.stdout.write(`${name}: exports no fuzz(data)\n`);
  process.exit(1);
}

/** xorshift32: small, seeded, and the same everywhere. */
let state = seed || 1;
function random(below) {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) % below;
}

const corpus = [
  new Uint8Array(0),
  ...(target.corpus?.() ?? []),
  ...readCorpus(join(root, 'packages', room, 'vectors')),
];

const until = Date.now() + Number(secondsText) * 1000;
let executions = 0;
for (const input of corpus) execute(input);
while (Date.now() < until) for (let turn = 0; turn < 64; turn += 1) execute(nextInput());
process.stdout.write(`${name}: ${executions} executions in ${secondsText} s, corpus ${corpus.length}, seed ${seed}\n`);

function execute(input) {
  executions += 1;
  try {
    target.fuzz(Uint8Array.from(input));
  } catch (error) {
    const folder = join(root, 'artefacts', 'fuzz');
    mkdirSync(folder, { recursive: true });
    const kept = join(folder, `${name.replace('/', '-')}-${seed}-${executions}.bin`);
    writeFileSync(kept, input);
    process.stdout.write(`${name}: FAILED after ${executions} executions, seed ${seed}; the input is in ${kept}\n`);
    process.stdout.write(`${error?.stack ?? error}\n`);
    process.exit(1);
  }
}

function nextInput() {
  if (random(16) === 0) return randomBytes(random(512));
  let bytes = [...(corpus[random(corpus.length)] ?? [])];
  if (random(8) === 0) bytes = bytes.concat([...(corpus[random(corpus.length)] ?? [])]);
  for (let rounds = 1 + random(8); rounds > 0; rounds -= 1) bytes = mutate(bytes);
  return Uint8Array.from(bytes.slice(0, longestInput));
}

function mutate(bytes) {
  const at = random(bytes.length + 1);
  switch (random(8)) {
    case 0: // flip one bit
      if (at < bytes.length) bytes[at] ^= 1 << random(8);
      return bytes;
    case 1: // one octet anew, often one that lies on a border
      if (at < bytes.length) bytes[at] = [0, 1, 0x7f, 0x80, 0xff, 0x0d, 0x0a, random(256)][random(8)];
      return bytes;
    case 2: // cut the tail
      return bytes.slice(0, at);
    case 3: // remove a piece
      bytes.splice(at, 1 + random(16));
      return bytes;
    case 4: // insert noise
      bytes.splice(at, 0, ...randomBytes(1 + random(16)));
      return bytes;
    case 5: {
      // repeat a piece
      bytes.splice(at, 0, ...bytes.slice(at, at + 1 + random(64)));
      return bytes;
    }
    case 6: {
      // splice another sample in
      const other = corpus[random(corpus.length)] ?? [];
      const from = random(other.length + 1);
      bytes.splice(at, random(32), ...other.slice(from, from + random(256)));
      return bytes;
    }
    default: {
      // a number off by one
      if (at < bytes.length) bytes[at] = (bytes[at] + (random(2) === 0 ? 1 : 255)) & 255;
      return bytes;
    }
  }
}

function randomBytes(length) {
  return Uint8Array.from({ length }, () => random(256));
}

/** Files of vectors as they are, and what looks like hexadecimal inside JSON ones as octets. */
function readCorpus(folder) {
  const found = [];
  let names = [];
  try {
    names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  } catch {
    return found; // a room without vectors is fuzzed from nothing
  }
  for (const path of names) {
    const full = join(folder, path);
    if (!statSync(full).isFile()) continue;
    const bytes = readFileSync(full);
    if (path.endsWith('.json')) {
      for (const [, hex] of bytes.toString('utf8').matchAll(/"((?:[0-9a-fA-F]{2}){4,2048})"/g)) {
        found.push(Uint8Array.from(Buffer.from(hex, 'hex')));
      }
    } else if (bytes.byteLength <= largestSeed) {
      found.push(Uint8Array.from(bytes));
    }
  }
  return found;
}
