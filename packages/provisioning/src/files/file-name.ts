import { phoneNameOf } from '@trustline/pki';

/** The trust lists that a phone asks for, and the form in which it asks for a configuration. */
export type ConfigurationForm = 'plain' | 'signed' | 'encrypted';

/** What a phone asks for, by the name alone. */
export type PhoneFileName =
  /** `CTLSEP….tlv`, `ITLSEP….tlv`, `ext_ITLSEP….tlv`; `CTLFile.tlv` and `ITLFile.tlv` are for any device. */
  | {
      readonly kind: 'trust-list';
      readonly name: string;
      readonly list: 'CTL' | 'ITL';
      readonly device: string | undefined;
    }
  /** `SEP….cnf.xml`, `.sgn`, `.enc.sgn`. */
  | {
      readonly kind: 'configuration';
      readonly name: string;
      readonly device: string;
      readonly form: ConfigurationForm;
    }
  /** `XMLDefault.cnf.xml`, for devices that have no configuration of their own. */
  | { readonly kind: 'default-configuration'; readonly name: string; readonly form: 'plain' | 'signed' }
  /** Firmware, ring lists, locales: the same for everybody. */
  | { readonly kind: 'shared'; readonly name: string };

export type FileNameResult =
  | { readonly ok: true; readonly file: PhoneFileName }
  /** `reason` is in an operator's words and repeats nothing of the name. */
  | { readonly ok: false; readonly reason: string };

const longestName = 255;
const deepestFolder = 8;

const trustListOfDevice = /^(?:CTL|(?:ext_)?ITL)(SEP[0-9A-F]{12})\.tlv$/i;
const trustListOfAll = /^(CTL|ITL)File\.tlv$/i;
const configuration = /^(SEP[0-9A-F]{12})\.cnf\.xml(\.sgn|\.enc\.sgn)?$/i;
const defaultConfiguration = /^XMLDefault\.cnf\.xml(\.sgn)?$/i;

/**
 * Takes a requested name apart. It is strict, for everybody may ask: what could lead out of a folder, mean two things, or
 * be one file under two names is refused, whatever the file system below would make of it.
 *
 * Names come as they are after the transport's own decoding: from TFTP as sent, from a URL with its percent-encoding
 * undone once. `/` separates folders.
 */
export function parseFileName(name: string): FileNameResult {
  if (name === '') return refused('the name is empty');
  if (name.length > longestName) return refused(`the name is longer than ${longestName} octets`);
  if (!/^[\u0020-\u007e]+$/.test(name)) return refused('the name holds NUL, a control character or no ASCII');
  if (name.includes('\\')) return refused('the name holds a backslash');
  if (name.includes('%')) return refused('the name is percent-encoded where nothing decodes it, or twice');
  if (name.includes(':')) return refused('the name holds a colon, which names drives and streams elsewhere');
  if (name.startsWith('/')) return refused('the name is absolute');
  const segments = name.split('/');
  if (segments.length > deepestFolder) return refused(`the name is deeper than ${deepestFolder} folders`);
  for (const segment of segments) {
    if (segment === '') return refused('the name has an empty part');
    if (segment.startsWith('.')) return refused('a part of the name begins with a dot');
    // Windows drops these, so that one file would have several names.
    if (/[. ]$/.test(segment)) return refused('a part of the name ends with a dot or a space');
  }
  return classify(name);
}

/**
 * The form to serve. On HTTPS a phone asks for the signed name, but TLS stands for the signature there and it must be
 * given the file without one.
 */
export function formToServe<Form extends ConfigurationForm>(form: Form, transport: FileTransport): Form | 'plain' {
  return form === 'signed' && transport === 'https' ? 'plain' : form;
}

/** By which way a file is asked for. */
export type FileTransport = 'tftp' | 'http' | 'https';

function classify(name: string): FileNameResult {
  const ofDevice = trustListOfDevice.exec(name);
  if (ofDevice !== null) {
    const device = phoneNameOf(ofDevice[1] ?? '') ?? '';
    const prefix = /^ext_/i.test(name) ? 'ext_ITL' : name.slice(0, 3).toUpperCase();
    const list = prefix === 'CTL' ? 'CTL' : 'ITL';
    return exactly(`${prefix}${device}.tlv`, { kind: 'trust-list', name, list, device });
  }
  const ofAll = trustListOfAll.exec(name);
  if (ofAll !== null) {
    const list = ofAll[1]?.toUpperCase() === 'CTL' ? 'CTL' : 'ITL';
    return exactly(`${list}File.tlv`, { kind: 'trust-list', name, list, device: undefined });
  }
  const ownConfiguration = configuration.exec(name);
  if (ownConfiguration !== null) {
    const device = phoneNameOf(ownConfiguration[1] ?? '') ?? '';
    const suffix = ownConfiguration[2]?.toLowerCase() ?? '';
    const form = suffix === '' ? 'plain' : suffix === '.sgn' ? 'signed' : 'encrypted';
    return exactly(`${device}.cnf.xml${suffix}`, { kind: 'configuration', name, device, form });
  }
  const common = defaultConfiguration.exec(name);
  if (common !== null) {
    const suffix = common[1]?.toLowerCase() ?? '';
    const form = suffix === '' ? 'plain' : 'signed';
    return exactly(`XMLDefault.cnf.xml${suffix}`, { kind: 'default-configuration', name, form });
  }
  return { ok: true, file: { kind: 'shared', name } };
}

/**
 * Only the exact case is served: a signed file carries its own name, which the phone compares with what it asked for, and
 * on a file system that ignores case another spelling would reach a file past the rules for it.
 */
function exactly(expected: string, file: PhoneFileName): FileNameResult {
  if (file.name === expected) return { ok: true, file };
  return refused(
    'the name of a device file is in the wrong case: the device in capitals (SEP0011AABBCCDD), the rest as phones write it',
  );
}

function refused(reason: string): FileNameResult {
  return { ok: false, reason };
}
