import { Redacted } from '@trustline/base';
import { certificateHash } from '@trustline/pki';
import {
  type PhoneConfiguration,
  serializeConfiguration,
  sipProfileOfDeskPhones,
  stubOf,
} from '@trustline/provisioning';
import { type ModelFile, type ModelList, modelOctets } from './model-judge.fixture.ts';
import { device, type ScriptedNetwork } from './scripted-network.fixture.ts';
import type { PhoneIdentity } from './state.ts';

/** A cluster in mixed mode, in the model: what it serves, and variations of it. */
export const encode = (text: string) => new TextEncoder().encode(text);
export const decode = (octets: Uint8Array) => new TextDecoder().decode(octets);

export function identity(name: string): PhoneIdentity {
  return { certificate: encode(`certificate ${name}`), privateKey: new Redacted(encode(`canary-key ${name}`)) };
}

export const lsc = identity('lsc');
export const mic = identity('mic');

export const ctl: ModelList = {
  kind: 'CTL',
  signer: 'token-a',
  made: 100,
  records: ['SAST token-a', 'SAST token-b', 'CCM cm', 'TFTP cm', 'CAPF capf'],
};

export const itl: ModelList = {
  kind: 'ITL',
  signer: 'cm',
  made: 100,
  records: ['SAST cm', 'TFTP cm', 'TVS tvs', 'CAPF capf'],
};

/** What a phone that was here before holds. */
export const heldLists = { ctl: modelOctets(ctl), itl: modelOctets(itl) };

export const configuration: PhoneConfiguration = {
  kind: 'full',
  deviceProtocol: 'SIP',
  managers: [{ host: 'cm1', sipPort: 5060, securedSipPort: 5061 }, { host: 'cm2' }],
  lines: [{ button: 1, name: '1001', others: [] }],
  versionStamp: 'new',
  deviceSecurityMode: 'encrypted',
  transport: 'tls',
  trustVerification: [{ host: 'cm1', port: 2445 }],
  capf: { authentication: 'none-pending', servers: [{ host: 'cm1', port: 3804 }] },
  encrypted: false,
  others: { root: [], devicePool: [], sipProfile: sipProfileOfDeskPhones },
};

export function xml(change: Partial<PhoneConfiguration> = {}): string {
  return decode(serializeConfiguration({ ...configuration, ...change }));
}

/** A configuration that the phone took before, with its signature. */
export function heldConfiguration(change: Partial<PhoneConfiguration> = {}, verified = true) {
  return { plain: new Redacted(encode(xml({ versionStamp: 'old', ...change }))), verified };
}

const plainName = `${device}.cnf.xml`;
export const names = {
  ctl: `CTL${device}.tlv`,
  itl: `ITL${device}.tlv`,
  clusterItl: 'ITLFile.tlv',
  plain: plainName,
  signed: `${plainName}.sgn`,
  encrypted: `${plainName}.enc.sgn`,
};

export function signed(plain: string, change: Partial<ModelFile> = {}): Uint8Array {
  return modelOctets({ name: names.signed, signer: 'cm', plain, ...change });
}

/** The stub, and the encrypted file for one certificate of the phone. */
export function encryptedFor({ certificate, privateKey }: PhoneIdentity, change: Partial<PhoneConfiguration> = {}) {
  const full = { ...configuration, encrypted: true, certificateHash: certificateHash(certificate), ...change };
  return {
    stub: signed(decode(serializeConfiguration(stubOf(full)))),
    file: signed(decode(serializeConfiguration(full)), {
      name: names.encrypted,
      opensWith: decode(privateKey.reveal()),
    }),
  };
}

/** Serves a cluster in mixed mode with the configuration signed. */
export function serve(network: ScriptedNetwork, change: Partial<PhoneConfiguration> = {}): ScriptedNetwork {
  network.files.set(names.ctl, modelOctets(ctl));
  network.files.set(names.itl, modelOctets(itl));
  network.files.set(names.signed, signed(xml(change)));
  return network;
}
