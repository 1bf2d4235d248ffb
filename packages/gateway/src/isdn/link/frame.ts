/** Which end of the access a frame comes from: it decides the C/R bit (Q.921 §3.3.2). */
export type AccessSide = 'user' | 'network';

/** Numbered information, supervisory and unnumbered frames (Q.921 §3.6, table 5). */
export type LinkFrame =
  | {
      readonly kind: 'I';
      readonly sendNumber: number;
      readonly receiveNumber: number;
      readonly poll: boolean;
      readonly information: Uint8Array;
    }
  | {
      readonly kind: 'RR' | 'RNR' | 'REJ';
      readonly command: boolean;
      readonly receiveNumber: number;
      readonly poll: boolean;
    }
  | { readonly kind: 'SABME' | 'DISC'; readonly poll: boolean }
  | { readonly kind: 'UA' | 'DM'; readonly poll: boolean }
  | { readonly kind: 'FRMR'; readonly poll: boolean; readonly information: Uint8Array }
  | { readonly kind: 'UI'; readonly poll: boolean; readonly information: Uint8Array };

/** Why a frame is invalid, by the letters of MDL-ERROR (Q.921 table II.1); `address` is not for this link and ignored. */
export type FrameFault = 'address' | 'L' | 'M' | 'N' | 'O';

export type FrameResult =
  | { readonly ok: true; readonly frame: LinkFrame }
  | { readonly ok: false; readonly fault: FrameFault };

/** Octets of information in one frame: N201 (Q.921 §5.9.3). */
export const MAX_INFORMATION = 260;

/** Call control signalling on a primary rate access: SAPI 0 and, for a point-to-point link, TEI 0 (Q.921 §3.3.3, §3.3.4.1). */
const SAPI = 0;
const TEI = 0;

const supervisory = { RR: 0x01, RNR: 0x05, REJ: 0x09 } as const;
const unnumbered = { SABME: 0x6f, DISC: 0x43, UA: 0x63, DM: 0x0f, FRMR: 0x87, UI: 0x03 } as const;
const POLL_UNNUMBERED = 0x10;
const FRMR_INFORMATION = 5;

/** A frame without flags and check sequence, which the HDLC controller adds (Q.921 §2.2, §2.7). */
export function encodeFrame(frame: LinkFrame, from: AccessSide): Uint8Array {
  const address = Uint8Array.of((SAPI << 2) | (commandBit(from, isCommand(frame)) << 1), (TEI << 1) | 1);
  const control = encodeControl(frame);
  const information = 'information' in frame ? frame.information : new Uint8Array();
  const octets = new Uint8Array(address.length + control.length + information.length);
  octets.set(address);
  octets.set(control, address.length);
  octets.set(information, address.length + control.length);
  return octets;
}

function encodeControl(frame: LinkFrame): Uint8Array {
  switch (frame.kind) {
    case 'I':
      return Uint8Array.of(frame.sendNumber << 1, (frame.receiveNumber << 1) | Number(frame.poll));
    case 'RR':
    case 'RNR':
    case 'REJ':
      return Uint8Array.of(supervisory[frame.kind], (frame.receiveNumber << 1) | Number(frame.poll));
    default:
      return Uint8Array.of(unnumbered[frame.kind] | (frame.poll ? POLL_UNNUMBERED : 0));
  }
}

/** Reads what the other side, `from`, sent. Never throws; an invalid frame has the letter of its fault. */
export function decodeFrame(octets: Uint8Array, from: AccessSide): FrameResult {
  const [high = 0, low = 0, first] = octets;
  if (octets.length < 3 || first === undefined) return { ok: false, fault: 'N' };
  // Another SAPI, another TEI, or an address of one octet: for another link, or for none.
  if (high >> 2 !== SAPI || (high & 1) !== 0 || low !== ((TEI << 1) | 1)) return { ok: false, fault: 'address' };
  const command = ((high >> 1) & 1) === commandBit(from, true);
  if ((first & 1) === 0) return decodeInformation(octets, first, command);
  if ((first & 3) === 1) return decodeSupervisory(octets, first, command);
  return decodeUnnumbered(octets, first, command);
}

function decodeInformation(octets: Uint8Array, first: number, command: boolean): FrameResult {
  const second = octets[3];
  if (second === undefined) return { ok: false, fault: 'N' };
  if (!command) return { ok: false, fault: 'L' };
  const information = octets.slice(4);
  if (information.length > MAX_INFORMATION) return { ok: false, fault: 'O' };
  const frame = { kind: 'I', sendNumber: first >> 1, receiveNumber: second >> 1, poll: (second & 1) === 1 } as const;
  return { ok: true, frame: { ...frame, information } };
}

function decodeSupervisory(octets: Uint8Array, first: number, command: boolean): FrameResult {
  const kind = (['RR', 'RNR', 'REJ'] as const).find((name) => supervisory[name] === first);
  if (kind === undefined) return { ok: false, fault: 'L' };
  const second = octets[3];
  if (second === undefined || octets.length > 4) return { ok: false, fault: second === undefined ? 'N' : 'M' };
  return { ok: true, frame: { kind, command, receiveNumber: second >> 1, poll: (second & 1) === 1 } };
}

function decodeUnnumbered(octets: Uint8Array, first: number, command: boolean): FrameResult {
  const kinds = ['SABME', 'DISC', 'UA', 'DM', 'FRMR', 'UI'] as const;
  const kind = kinds.find((name) => unnumbered[name] === (first & ~POLL_UNNUMBERED));
  if (kind === undefined) return { ok: false, fault: 'L' };
  const poll = (first & POLL_UNNUMBERED) !== 0;
  const information = octets.slice(3);
  const isResponse = kind === 'UA' || kind === 'DM' || kind === 'FRMR';
  if (command === isResponse) return { ok: false, fault: 'L' };
  if (kind === 'UI') {
    return information.length > MAX_INFORMATION
      ? { ok: false, fault: 'O' }
      : { ok: true, frame: { kind, poll, information } };
  }
  if (kind === 'FRMR') {
    return information.length === FRMR_INFORMATION
      ? { ok: true, frame: { kind, poll, information } }
      : { ok: false, fault: 'N' };
  }
  if (information.length > 0) return { ok: false, fault: 'M' };
  return { ok: true, frame: { kind, poll } };
}

function isCommand(frame: LinkFrame): boolean {
  if (frame.kind === 'RR' || frame.kind === 'RNR' || frame.kind === 'REJ') return frame.command;
  return frame.kind === 'I' || frame.kind === 'SABME' || frame.kind === 'DISC' || frame.kind === 'UI';
}

/** C/R of a command or a response: the network sends commands with 1, the user with 0 (Q.921 table 1). */
function commandBit(from: AccessSide, command: boolean): 0 | 1 {
  return (from === 'network') === command ? 1 : 0;
}
