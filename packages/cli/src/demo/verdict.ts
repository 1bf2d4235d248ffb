import type { Attack, LegProof, Measurement, SceneProof } from './measurement.ts';
import { type End, ends, limits, otherEnd, phonePlans } from './plan.ts';
import type { TappedDirection } from './tap.ts';

/** One claim, what was measured for it, and whether it holds. */
export interface Check {
  readonly name: string;
  readonly claim: string;
  /** One value for the call, or one for each direction: of what the caller said, then of what the called end said. */
  readonly measured: readonly string[];
  readonly wanted: string;
  readonly holds: boolean;
}

/** Judges a run: it has passed when every check holds. */
export function judge(measurement: Measurement): readonly Check[] {
  const protectedCall = measurement.mode === 'encrypted';
  return [
    level(measurement),
    provenBy(measurement),
    ...(protectedCall ? [keysChecked(measurement)] : []),
    captured(measurement),
    ...(protectedCall ? [unheard(measurement), understood(measurement)] : [overheard(measurement)]),
    digitsSeen(measurement),
    heardByOther(measurement),
    digitsReceived(measurement),
    ...attacks(measurement),
    ...scenes(measurement),
    recordsVerified(measurement),
    audited(measurement),
  ];
}

function level({ mode, level, legs }: Measurement): Check {
  // Without SRTP the signalling still goes by mutual TLS: authenticated, not encrypted.
  const wanted = mode === 'encrypted' ? 'encrypted' : 'authenticated';
  const shown = ends.map((end) => legs[end].levelShown);
  const all = [level, ...shown];
  return {
    name: 'level',
    claim: 'level, by the manager and on both phones',
    measured: [all.every((one) => one === level) ? level : all.map((one) => one ?? 'nothing').join(', ')],
    wanted,
    holds: all.every((one) => one === wanted),
  };
}

function provenBy({ legs }: Measurement): Check {
  const isProven = ({ signalling, proof, certificate, provenIdentity, device }: LegProof) =>
    signalling === 'tls-mutual' &&
    proof === 'certificate' &&
    certificate.subject.includes(device) &&
    provenIdentity?.includes(device) === true;
  return {
    name: 'legs-proven',
    claim: 'each phone proved by its own certificate',
    measured: ends.map((end) => (legs[end].proof === 'certificate' ? legs[end].signalling : legs[end].proof)),
    wanted: 'tls-mutual',
    holds: ends.every((end) => isProven(legs[end])),
  };
}

function keysChecked({ legs, protocol }: Measurement): Check {
  const keying = protocol === 'sip' ? 'sdes' : 'sccp';
  const made = ends.map((end) => legs[end].keyMade);
  const carried = (end: End) => legs[end].keyMade !== null && legs[end].keyMade === legs[otherEnd(end)].keyReceived;
  return {
    name: 'keys',
    // By Skinny the manager makes both, and hands each to both phones.
    claim:
      protocol === 'sip' ? 'each made its key, the other was handed it' : 'each has a key, the other was handed it',
    measured: ends.map((end) => (carried(end) ? `${legs[end].keying} ${legs[end].keyMade}` : 'not the same')),
    wanted: 'same at both',
    holds:
      ends.every((end) => carried(end) && legs[end].keying === keying && legs[end].suite !== null) &&
      made[0] !== made[1],
  };
}

function captured({ withoutKeys, packetsDropped }: Measurement): Check {
  const isWhole = ({ interfaces, seconds }: TappedDirection) =>
    interfaces.length === ends.length && seconds >= limits.seconds;
  return {
    name: 'captured',
    claim: 'speech captured at both ends and compared',
    measured: perDirection(
      withoutKeys,
      ({ seconds, interfaces }) => `${seconds.toFixed(1)} s, ${interfaces.length} ends`,
    ),
    wanted: `${limits.seconds} s or more`,
    holds: packetsDropped === 0 && ends.every((end) => isWhole(withoutKeys[end])),
  };
}

function unheard({ withoutKeys }: Measurement): Check {
  return {
    name: 'tap-without-keys',
    claim: 'tap without keys: likeness to what was said',
    measured: perDirection(withoutKeys, ({ highest }) => highest.toFixed(4)),
    wanted: `below ${limits.unheard}`,
    // A tap that found no packet would hear nothing for the wrong reason.
    holds: ends.every((end) => withoutKeys[end].packets > 0 && withoutKeys[end].highest < limits.unheard),
  };
}

function understood({ withKeys }: Measurement): Check {
  return {
    name: 'tap-with-keys',
    claim: 'tap with the keys: likeness',
    measured:
      withKeys === undefined
        ? []
        : perDirection(withKeys, ({ lowest, opened }) => (opened === ends.length ? lowest.toFixed(4) : 'keys fit not')),
    wanted: `above ${limits.heard}`,
    holds:
      withKeys !== undefined &&
      ends.every((end) => withKeys[end].opened === ends.length && withKeys[end].lowest > limits.heard),
  };
}

function overheard({ withoutKeys }: Measurement): Check {
  return {
    name: 'tap-overhears',
    claim: 'tap: likeness to what was said',
    measured: perDirection(withoutKeys, ({ lowest }) => lowest.toFixed(4)),
    wanted: `above ${limits.heard}`,
    holds: ends.every((end) => withoutKeys[end].lowest > limits.heard),
  };
}

function digitsSeen({ mode, withoutKeys }: Measurement): Check {
  const wanted = (end: End) => (mode === 'encrypted' ? '' : phonePlans[end].digits);
  return {
    name: 'digits-seen-by-tap',
    claim: mode === 'encrypted' ? 'digits seen by the tap without keys' : 'digits seen by the tap',
    measured: perDirection(withoutKeys, ({ digits }) => digits || 'none'),
    wanted: mode === 'encrypted' ? 'none' : 'as sent',
    holds: ends.every((end) => withoutKeys[end].packets > 0 && withoutKeys[end].digits === wanted(end)),
  };
}

function heardByOther({ heardByOther: heard }: Measurement): Check {
  return {
    name: 'heard-by-other-end',
    claim: 'played by the other phone: likeness',
    measured: perDirection(heard, (correlation) => correlation.toFixed(4)),
    wanted: `above ${limits.played}`,
    holds: ends.every((end) => heard[end] > limits.played),
  };
}

function digitsReceived({ digitsReceived: received }: Measurement): Check {
  return {
    name: 'digits-received',
    claim: 'digits received by the other phone',
    measured: perDirection(received, (digits) => digits || 'none'),
    wanted: 'as sent',
    holds: ends.every((end) => received[end] === phonePlans[end].digits),
  };
}

/** The attacks on a direction go to the phone that hears it. */
function attacks({ mode, forged, replayed }: Measurement): Check[] {
  const check = (name: string, claim: string, against: Readonly<Record<End, Attack>>): Check => ({
    name,
    claim,
    measured: ends.map((from) => {
      const { arrived } = against[otherEnd(from)];
      return `${accepted(against[otherEnd(from)])} of ${arrived}`;
    }),
    wanted: mode === 'encrypted' ? 'none' : 'all',
    holds: ends.every((end) => {
      const { sent, arrived } = against[end];
      return sent > 0 && arrived === sent && accepted(against[end]) === (mode === 'encrypted' ? 0 : arrived);
    }),
  });
  return [check('forged', 'forged packets accepted', forged), check('replayed', 'replayed packets accepted', replayed)];
}

/** Came in and was not refused. */
export function accepted({ arrived, refused }: Attack): number {
  return arrived - refused;
}

function recordsVerified({ mode, records }: Measurement): Check {
  const { verdict } = records;
  const wanted = mode === 'encrypted' ? 'encrypted' : 'authenticated';
  return {
    name: 'records',
    claim: 'records of the run, chained and signed',
    measured: [
      verdict.ok ? `${verdict.count} entries, call ${records.level ?? 'none'}` : `NOT verified: ${verdict.sentence}`,
    ],
    wanted: 'verify',
    holds: verdict.ok && verdict.count > 0 && records.level === wanted,
  };
}

/** Of the same capture, by who knows nothing of the run: `trustline audit`. */
function audited({ mode, auditor: { verdict } }: Measurement): Check {
  const wanted = mode === 'encrypted' ? 'protected' : 'heard';
  return {
    name: 'audited',
    claim: 'the auditor, of this call in the capture',
    measured: [verdict ?? 'found no such call'],
    wanted,
    holds: verdict === wanted,
  };
}

/** Calls with others; none by SIP. */
function scenes({ scenes: all }: Measurement): Check[] {
  const named = (name: SceneProof['name']) => all.find((scene) => scene.name === name);
  const [toSip, fromSip] = [named('to-sip'), named('from-sip')];
  const [transfer, open] = [named('held-and-transferred'), named('open-lock')];
  if (toSip === undefined || fromSip === undefined || transfer === undefined || open === undefined) return [];
  const encrypted = [toSip, fromSip, transfer];
  const withoutKeys = Math.max(...encrypted.map(({ tap }) => tap.highest));
  const withKeys = Math.min(...encrypted.map(({ tap }) => tap.lowestWithKeys));
  return [
    {
      name: 'sip-both-ways',
      claim: `${toSip.from} calls a SIP phone, and it calls back`,
      measured: [[toSip, fromSip].map(levelsOf).join('; ')],
      wanted: 'encrypted',
      holds: [toSip, fromSip].every(isEncrypted),
    },
    holdChecked(transfer),
    {
      name: 'transfer',
      claim: `transferred: ${transfer.from} talks with ${transfer.to}`,
      measured: [`${levelsOf(transfer)}, ${transfer.keysAreNew === true ? 'new keys' : 'KNOWN KEYS'}`],
      wanted: 'encrypted',
      holds: isEncrypted(transfer) && transfer.keysAreNew === true,
    },
    {
      name: 'tap-of-others',
      claim: 'tap of these calls, without keys and with',
      measured: [`${withoutKeys.toFixed(4)}, ${withKeys.toFixed(4)}`],
      wanted: `< ${limits.unheard}, > ${limits.heard}`,
      holds: encrypted.every(({ tap }) => tap.packets > 0) && withoutKeys < limits.unheard && withKeys > limits.heard,
    },
    {
      name: 'open-lock',
      claim: `unprotected: ${open.from} with ${open.to}, lock at both`,
      measured: [levelsOf(open)],
      wanted: 'non-secure',
      holds: open.levelsShown.every((level) => level === 'non-secure') && open.suite === 'clear',
    },
    {
      name: 'open-lock-overheard',
      claim: 'tap of that call, without keys: likeness',
      measured: [open.tap.lowest.toFixed(4)],
      wanted: `above ${limits.heard}`,
      holds: open.tap.lowest > limits.heard,
    },
  ];
}

function holdChecked({ hold }: SceneProof): Check {
  const words =
    hold === null ? 'not held' : `${hold.packets} packets, ${hold.keysAreNew ? 'then new keys' : 'SAME KEYS'}`;
  return {
    name: 'hold',
    claim: 'on hold, and resumed',
    measured: [words],
    wanted: 'silence',
    holds: hold !== null && hold.packets === 0 && hold.goesOn && hold.keysAreNew,
  };
}

function isEncrypted({ levelsShown, keysAgree }: SceneProof): boolean {
  return keysAgree && levelsShown.every((level) => level === 'encrypted');
}

function levelsOf({ levelsShown }: SceneProof): string {
  const [one, ...others] = levelsShown.map((level) => level ?? 'nothing');
  return others.every((other) => other === one) ? (one ?? 'nothing') : [one, ...others].join(', ');
}

function perDirection<Value>(of: Readonly<Record<End, Value>>, words: (value: Value) => string): string[] {
  return ends.map((end) => words(of[end]));
}
