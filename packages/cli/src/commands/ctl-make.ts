import { writeFileSync } from 'node:fs';
import type { ManagerClient } from '@trustline/manager/node';
import {
  buildTrustList,
  type Certificate,
  diffTrustLists,
  type RecordRequest,
  type SigningDigest,
  signFile,
} from '@trustline/pki';
import type { Command } from 'commander';
import { clientOf } from '../options.ts';
import { json, type Terminal } from '../terminal.ts';
import { type CtlCluster, fetchCluster, tokensOf } from './ctl-cluster.ts';
import { CTL_SCHEMA } from './ctl-file.ts';
import type { SigningOptions } from './ctl-options.ts';
import { offerList } from './ctl-publish.ts';
import { chooseSigner, type ReachableToken, reachableTokens, tokensHere } from './ctl-tokens.ts';
import { changesInWords, fingerprints } from './ctl-words.ts';
import { type ListedToken, openListed } from './token-choice.ts';
import { refusePinOption } from './token-pin.ts';

/** What a change of the CTL starts from. */
export interface CtlSituation {
  readonly cluster: CtlCluster;
  readonly client: ManagerClient;
  /** Those that are here, with a certificate of the cluster or without. */
  readonly here: readonly ListedToken[];
  /** Those that a list may hold: of those that are here, and of those whose certificates are. */
  readonly tokens: readonly ReachableToken[];
}

/** The list that a change wants. */
export interface WantedCtl {
  readonly records: readonly RecordRequest[];
  /** The tokens in it. */
  readonly tokens: readonly Certificate[];
  /** True where any of its tokens may sign, whom phones know or not. */
  readonly anySigner: boolean;
}

/**
 * Makes a CTL where the tokens are: what changes is shown first, then a token signs, the manager says what phones would
 * make of it, and a person decides. What is signed and not published is thrown away.
 */
export async function makeList(
  options: SigningOptions,
  command: Command,
  terminal: Terminal,
  compose: (situation: CtlSituation) => WantedCtl | Promise<WantedCtl>,
): Promise<void> {
  refusePinOption(options);
  const say = options.json ? () => {} : terminal.out;
  const client = clientOf(command, terminal);
  // Before a PIN is asked for and a token signs; a list that is only written to a file may be published by another.
  if (options.out === undefined) await client.mayPublishLists();
  const cluster = await fetchCluster(client);
  const here = await tokensHere(options, terminal);
  const tokens = reachableTokens(here, options, cluster.manufacturing);
  const wanted = await compose({ cluster, client, here, tokens });
  const known = cluster.published === undefined || wanted.anySigner ? undefined : tokensOf(cluster.published);
  const signer = chooseSigner(signersFirst(tokens, cluster), options.token, wanted.tokens, known);
  const file = buildTrustList({
    kind: 'CTL',
    timestamp: newerThan(cluster),
    digest: options.digest,
    signer: signer.certificate,
    records: wanted.records,
  });
  say(fingerprints(cluster));
  say(changesInWords(diffTrustLists(cluster.published, file.list)));
  say(`Signer: ${signer.certificate.subject}, with ${options.digest}.\n\n`);
  const signed = await signFile(file, (digest, data) => signWith(signer, digest, data, options, terminal));
  if (options.out === undefined) return offerList(signed, client, options, terminal);
  writeFileSync(options.out, signed, { flag: 'wx' });
  const answer = { schema: CTL_SCHEMA, node: null, file: options.out, length: signed.byteLength };
  const next = `Signed, and written to ${options.out}; nothing is published. Publish it with: trustline ctl publish ${options.out}\n`;
  terminal.out(options.json ? json(answer) : next);
}

/** Whoever signed the published list first, so that an update changes no more than it must. */
function signersFirst(tokens: readonly ReachableToken[], { published }: CtlCluster): readonly ReachableToken[] {
  const serialNumber = published?.header.signer.serialNumber;
  const signed = ({ certificate }: ReachableToken) => certificate.serialNumber === serialNumber;
  return [...tokens.filter(signed), ...tokens.filter((token) => !signed(token))];
}

/** Whatever goes wrong here, a token pulled out for instance, the list that is published stays as it is. */
async function signWith(
  { listed, certificate }: ReachableToken & { readonly listed: ListedToken },
  digest: SigningDigest,
  data: Uint8Array,
  options: SigningOptions,
  terminal: Terminal,
): Promise<Uint8Array> {
  const token = await openListed(listed, options, terminal);
  try {
    return await token.sign(certificate, digest, data);
  } finally {
    await token.close();
  }
}

/** Phones refuse a list that is older than their own, and the manager one that is not newer. In seconds. */
function newerThan({ published }: CtlCluster): number {
  return Math.max(Math.floor(Date.now() / 1_000), (published?.header.timestamp ?? 0) + 1);
}
