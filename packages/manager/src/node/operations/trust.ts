import { type Certificate, displayedHashes, isLabTokenCertificate, nothingHeld, trustRoles } from '@trustline/pki';
import type { z } from 'zod';
import type { Answer } from '../../api/answer.ts';
import type {
  completeWaveRequest,
  GivenListAnswer,
  HeldListAnswer,
  ListedService,
  PublicationAnswer,
  PublishedListAnswer,
  publishRequest,
  TrustAnswer,
  TrustListAnswer,
  TrustServersAnswer,
  WaveAnswer,
} from '../../api/trust-contract.ts';
import { ManagerError } from '../../error.ts';
import { trustStateOf } from '../../trust/fleet.ts';
import { certificatesOf, type Publication } from '../../trust/publication.ts';
import type { KnownPhone } from '../../trust/simulation.ts';
import type { GivenList, HeldList } from '../store/phone-lists.ts';
import type { TrustListKind } from '../store/trust-lists.ts';
import { listedServers } from '../trust/listed-servers.ts';
import type { PublishedList } from '../trust/published-lists.ts';
import { currentAttribution } from './attribution.ts';
import { type LeftBehind, leftBehind } from './left-behind.ts';
import { noKeysBecause } from './no-keys.ts';
import { envelope, type Services } from './services.ts';

/** What a CTL must hold to serve this cluster, for who makes one where the tokens are. */
export async function trustServers(services: Services): Promise<TrustServersAnswer> {
  const { cluster, trust } = services;
  const servers = await listedServers(services);
  const under = (service: ListedService, certificates: readonly Certificate[]) =>
    certificates.map(({ der, fingerprint, subject, notAfter }) => ({
      service,
      certificate: base64(der),
      fingerprint,
      subject,
      notAfter: new Date(notAfter).toISOString(),
    }));
  const published = await trust.lists.current('CTL');
  return {
    ...envelope(services),
    securityMode: cluster.trust.securityMode(),
    hostName: servers.hostName,
    ipAddress: servers.ipAddress ?? null,
    servers: [
      ...under('CCM', servers.callManager),
      ...under('TFTP', servers.tftp),
      ...under('CAPF', servers.capf),
      ...under('TVS', servers.tvs),
    ],
    manufacturing: cluster.trust.issuersFor('manufacturer').map(({ der }) => base64(der)),
    published: published === undefined ? null : base64(published.stored.content),
    labTokens: published !== undefined && trust.isLabs(published.list),
  };
}

/** Publishes a CTL, or says what would come of it. */
export async function publishList(
  services: Services,
  { list, wave, dryRun, recovery }: z.output<typeof publishRequest>,
): Promise<PublicationAnswer> {
  if (wave !== undefined) await assertPhones(services, wave);
  const outcome = await services.trust.offer({ octets: Buffer.from(list, 'base64'), wave, dryRun, recovery });
  if (outcome.kind === 'no-list') {
    return {
      ...envelope(services),
      published: null,
      securityMode: null,
      lab: false,
      changes: [],
      problems: [outcome.problem],
      simulation: { accepting: 0, healing: [], locked: [] },
    };
  }
  const { publication, published } = outcome;
  if (published !== undefined) await services.trustChanged();
  return { ...envelope(services), ...describePublication(publication), published: published?.number ?? null };
}

/** Signs the ITL anew, though nothing in it has changed. */
export async function signItl(services: Services): Promise<void> {
  if (!services.configuration.provisioning.enabled) {
    throw new ManagerError('manager.no-itl', 'This manager serves no phones with files, and signs no ITL.', {
      nextStep: 'Set provisioning.enabled: true in its configuration.',
    });
  }
  await services.trust.signItlAnew();
  await services.trustChanged();
}

/** Which phones of the wave are back. */
export async function waveStatus(services: Services): Promise<WaveAnswer> {
  const wave = await services.trust.wave();
  if (wave === undefined) return { ...envelope(services), wave: null };
  const phones = wave.phones.map(({ device, back, given }) => ({
    device,
    back: describeHeld(back),
    given: given === undefined ? null : describeGiven(given),
  }));
  return { ...envelope(services), wave: { number: wave.list.number, phones } };
}

/** The list of the wave becomes that of all phones; whom it does not wait for is said with a reason. */
export async function completeWave(
  services: Services,
  { without }: z.output<typeof completeWaveRequest>,
): Promise<void> {
  if (without.length > 0 && currentAttribution()?.statedReason === undefined) {
    throw new ManagerError('manager.reason-needed', 'Phones of the wave are given up, and nobody says why.', {
      nextStep: 'Say it, for the record: trustline ctl wave complete --without SEP… --reason "…"',
    });
  }
  await services.trust.completeWave(without);
  await services.trustChanged();
}

/** One list whole, of whichever age. */
export async function trustList(services: Services, number: number): Promise<TrustListAnswer> {
  const { trustLists } = services.store;
  const all = [...(await trustLists.list('CTL')), ...(await trustLists.list('ITL'))];
  const stored = all.find((one) => one.number === number);
  if (stored === undefined) {
    throw new ManagerError('manager.not-found', `There is no trust list ${number}.`, {
      nextStep: 'trustline trust status shows what is published.',
    });
  }
  const list = services.trust.lists.read(stored);
  return { ...envelope(services), list: await describeList(services, list), content: base64(stored.content) };
}

/** The lists in force, and where each phone stands against them. */
export async function trustStatus(services: Services): Promise<TrustAnswer> {
  const { cluster, trust, store } = services;
  const inForce = [...(await store.trustLists.list('CTL')), ...(await store.trustLists.list('ITL'))].filter(
    ({ state }) => state !== 'earlier',
  );
  const phones = new Map((await trust.held.phones()).map((phone) => [phone.device, phone]));
  const held = Map.groupBy(await store.phoneLists.held(), ({ device }) => device);
  const devices = (await store.devices.list()).filter(({ kind }) => kind === 'phone');
  const mode = cluster.trust.securityMode();
  const behind = new Map((await leftBehind(services)).map((one) => [one.device, one]));
  return {
    ...envelope(services),
    securityMode: mode,
    trustNotice: cluster.trust.statusNotice() ?? null,
    noKeysBecause: await noKeysBecause(services),
    unlisted: (await trust.outdated.unlisted()).map(({ service, certificate }) => {
      const { subject, serialNumber, fingerprint } = certificate;
      return { service, subject, serialNumber, fingerprint };
    }),
    lists: await Promise.all(inForce.map((one) => describeList(services, trust.lists.read(one)))),
    phones: await Promise.all(
      devices.map(async ({ name }) => {
        const phone = phones.get(name) ?? { device: name, held: nothingHeld, mayHold: [] };
        return describePhone(services, phone, held.get(name) ?? [], behind.get(name));
      }),
    ),
  };
}

function wordsOf(phone: LeftBehind | undefined): TrustAnswer['phones'][number]['leftBehind'] {
  return phone === undefined ? null : { words: phone.words, nextStep: phone.nextStep };
}

async function describePhone(
  services: Services,
  phone: KnownPhone,
  held: readonly HeldList[],
  behind: LeftBehind | undefined,
): Promise<TrustAnswer['phones'][number]> {
  const of = (kind: TrustListKind) => held.find((one) => one.kind === kind);
  const against = await Promise.all(
    (['CTL', 'ITL'] as const).map((kind) => againstPublished(services, phone, kind, of(kind)?.list)),
  );
  return {
    device: phone.device,
    state: trustStateOf(against),
    ctl: describeHeld(of('CTL')),
    itl: describeHeld(of('ITL')),
    given: services.trust.held.openFor(phone.device).map(describeGiven),
    locked: against.find(({ refusal }) => refusal !== undefined)?.refusal ?? null,
    leftBehind: wordsOf(behind),
  };
}

function describeGiven({ kind, list, givenAt, remoteAddress }: GivenList): GivenListAnswer {
  return { kind, number: list, at: new Date(givenAt).toISOString(), address: remoteAddress };
}

function describeHeld(held: HeldList | undefined): HeldListAnswer | null {
  if (held === undefined) return null;
  return { number: held.list, since: new Date(held.takenAt).toISOString(), address: held.remoteAddress };
}

/** Whether the phone would take what is published for it; the Trust Verification Service is asked as it would ask. */
async function againstPublished(
  { trust }: Services,
  phone: KnownPhone,
  kind: TrustListKind,
  held: number | undefined,
): Promise<{
  readonly held: number | undefined;
  readonly published: number | undefined;
  readonly wouldTake: boolean;
  readonly refusal: { readonly phoneWords: string; readonly words: string } | undefined;
}> {
  const published = await trust.lists.forDevice(kind, phone.device);
  if (published === undefined || published.stored.number === held) {
    return { held, published: published?.stored.number, wouldTake: true, refusal: undefined };
  }
  // What it may hold besides is another matter: this is about what it was seen to hold.
  const known = { ...phone, mayHold: [] };
  const [refusal] = (await trust.rules.simulationFor(known, published.stored)).locked;
  return {
    held,
    published: published.stored.number,
    wouldTake: refusal === undefined,
    refusal: refusal && { phoneWords: refusal.phoneWords, words: refusal.ourWords },
  };
}

function describePublication({
  mode,
  lab,
  changes,
  problems,
  simulation,
}: Publication): Omit<PublicationAnswer, keyof Answer | 'published'> {
  return {
    securityMode: mode,
    lab,
    changes,
    problems,
    simulation: {
      accepting: simulation.accepting.length,
      healing: simulation.healing,
      locked: simulation.locked.map(({ device, rule, ourWords }) => ({ device, rule, words: ourWords })),
    },
  };
}

async function describeList({ store }: Services, published: PublishedList): Promise<PublishedListAnswer> {
  const { number, kind, state, publishedAt, content } = published.stored;
  const wave = await store.trustLists.wave(number);
  const holders = new Set((await store.phoneLists.holders(number)).map(({ device }) => device));
  return {
    number,
    kind,
    state,
    publishedAt: new Date(publishedAt).toISOString(),
    signer: published.list.header.signer.name,
    ...displayedHashes(content),
    tokens: kind === 'CTL' ? tokensOf(published) : [],
    wave,
    waveBack: wave.filter((device) => holders.has(device)),
  };
}

function tokensOf({ list }: PublishedList): PublishedListAnswer['tokens'] {
  return certificatesOf(list, trustRoles.SAST).map((certificate) => ({
    subject: certificate.subject,
    lab: isLabTokenCertificate(certificate),
    notAfter: new Date(certificate.notAfter).toISOString(),
  }));
}

async function assertPhones({ store }: Services, names: readonly string[]): Promise<void> {
  const devices = await store.devices.list();
  const known = new Set(devices.filter(({ kind }) => kind === 'phone').map(({ name }) => name));
  const stranger = names.find((name) => !known.has(name));
  if (stranger === undefined) return;
  throw new ManagerError('manager.device-unknown', `There is no phone ${stranger}.`, {
    nextStep: 'List them with: trustline devices',
  });
}

function base64(octets: Uint8Array): string {
  return Buffer.from(octets).toString('base64');
}
