import { type Certificate, readCertificate, trustRoles } from '@trustline/pki';
import type { ManufacturingAuthority } from '@trustline/pki/node';
import { certificatesOf } from '../../trust/publication.ts';
import type { ManagerContext } from '../parts.ts';
import type { PublishedLists } from './published-lists.ts';

/** Who would be lost if a manufacturing authority were believed no more. */
export interface ManufacturerDependents {
  /** Security tokens of the published CTL that it issued: no CTL is made of tokens whose issuer is not believed. */
  readonly tokens: readonly Certificate[];
  /** Phones that have no LSC and would have to prove themselves by a MIC of it. */
  readonly phones: readonly string[];
}

type Context = Pick<ManagerContext, 'cluster' | 'store' | 'clock'>;

/**
 * Looks for them. Which MIC a phone of a vendor has is known once it has shown it: of those that have not, each counts
 * that waits to enrol by its MIC.
 */
export async function manufacturerDependents(
  context: Context,
  lists: PublishedLists,
  authority: ManufacturingAuthority,
): Promise<ManufacturerDependents> {
  const { certificate } = authority;
  const ctl = await lists.current('CTL');
  const tokens = ctl === undefined ? [] : certificatesOf(ctl.list, trustRoles.SAST);
  const waiting = await waitingByMic(context);
  const shown = await shownMics(context);
  const devices = (await context.store.devices.list()).filter(({ kind }) => kind === 'phone');
  const phones: string[] = [];
  for (const { name } of devices) {
    const mic = shown.get(name) ?? madeHere(context, name);
    const mayNeed =
      mic === undefined
        ? authority.origin === 'imported' && waiting.has(name)
        : mic.issuerHash === certificate.subjectHash;
    if (mayNeed && !(await hasLsc(context, name))) phones.push(name);
  }
  return {
    tokens: tokens.filter((token) => token.issuerHash === certificate.subjectHash && token.signedBy(certificate)),
    phones,
  };
}

/** Devices that may enrol once, by their MIC. */
async function waitingByMic({ store }: Context): Promise<ReadonlySet<string>> {
  const waiting = (await store.enrolments.list()).filter(
    ({ operation: { authentication } }) => authentication.by === 'certificate' && authentication.kinds.includes('MIC'),
  );
  return new Set(waiting.map(({ device }) => device));
}

async function hasLsc({ cluster, store, clock }: Context, device: string): Promise<boolean> {
  const last = await store.enrolments.certificateOf(device);
  if (last !== undefined) {
    const lsc = readCertificate(last);
    return lsc.notAfter > clock.now() && cluster.trust.revocationOf(lsc) === undefined;
  }
  return cluster
    .issuedTo(device)
    .some(({ role, notAfter }) => role === 'locally-significant' && notAfter > clock.now());
}

async function shownMics({ store }: Context): Promise<ReadonlyMap<string, Certificate>> {
  const proofs = await store.phoneProofs.list();
  return new Map(proofs.flatMap(({ device, mic }) => (mic === undefined ? [] : [[device, readCertificate(mic)]])));
}

function madeHere({ cluster }: Context, device: string) {
  return cluster.issuedTo(device).findLast(({ role }) => role === 'manufacturer-installed');
}
