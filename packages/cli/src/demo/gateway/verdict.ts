import { limits } from '../plan.ts';
import type { Check } from '../verdict.ts';
import type { GatewayMeasurement } from './measurement.ts';

/** Judges a run with a gateway: it has passed when every check holds. A call that was refused is what is to be shown of it. */
export function judgeGateway(measurement: GatewayMeasurement): readonly Check[] {
  switch (measurement.scene) {
    case 'withheld':
      return [notProven(measurement), refused(measurement), nothingLeft(measurement), recorded(measurement)];
    case 'clear':
      return [
        notProven(measurement),
        level(measurement, 'non-secure'),
        noKeyOnWire(measurement),
        overheard(measurement),
        cameBack(measurement),
        demarcation(measurement, 'not protected to gateway'),
        audited(measurement, 'heard'),
        recorded(measurement),
      ];
    case 'protected':
      return [
        proven(measurement),
        level(measurement, 'encrypted'),
        noKeyOnWire(measurement),
        ...nothingElseOnWire(measurement),
        unheard(measurement),
        understood(measurement),
        cameBack(measurement),
        demarcation(measurement, 'encrypted to gateway'),
        audited(measurement, 'protected'),
        recorded(measurement),
      ];
  }
}

/** By who knows nothing of the run. */
function audited({ auditor }: GatewayMeasurement, wanted: 'protected' | 'heard'): Check {
  return {
    name: 'audited',
    claim: 'the auditor, of this call in the capture',
    measured: [auditor?.verdict ?? 'found no such call'],
    wanted,
    holds: auditor?.verdict === wanted,
  };
}

function notProven({ ipsecProven }: GatewayMeasurement): Check {
  return {
    name: 'ipsec-not-proven',
    claim: 'IPsec to the gateway',
    measured: [ipsecProven ? 'proven' : 'not proven'],
    wanted: 'not proven',
    holds: !ipsecProven,
  };
}

function proven({ ipsecProven, proof }: GatewayMeasurement): Check {
  // The counters are the call's own: only it shows whether its signalling went through the tunnel.
  const held = proof.filter(({ holds }) => holds !== false).length;
  return {
    name: 'ipsec-proven',
    claim: 'IPsec to the gateway, points of its proof',
    measured: [`${held} of ${proof.length}`],
    wanted: 'all',
    holds: ipsecProven && proof.length > 0,
  };
}

function refused({ answered, reason, gatewayCalls }: GatewayMeasurement): Check {
  return {
    name: 'call-refused',
    claim: 'the call, which needs encryption',
    measured: [answered ? 'answered' : `refused: ${reason}`],
    wanted: 'refused, with reason',
    holds: !answered && gatewayCalls === 0 && /ipsec|proven/i.test(reason),
  };
}

/** What never left cannot have been overheard. */
function nothingLeft({ signallingOverheard, packets }: GatewayMeasurement): Check {
  return {
    name: 'keys-withheld',
    claim: 'octets of signalling, packets of media',
    measured: [String(signallingOverheard ?? 'not measured'), String(packets)],
    wanted: '0 of both',
    holds: signallingOverheard === 0 && packets === 0,
  };
}

function level({ level: said, levelShown }: GatewayMeasurement, wanted: 'non-secure' | 'encrypted'): Check {
  return {
    name: 'level',
    claim: 'level, by the manager and on the phone',
    measured: [said ?? 'no call', levelShown ?? 'nothing'],
    wanted,
    holds: said === wanted && levelShown === wanted,
  };
}

function noKeyOnWire({ scene, keys, signallingOverheard }: GatewayMeasurement): Check {
  const isSearched = keys !== undefined && (scene === 'clear' ? (signallingOverheard ?? 0) > 0 : keys.made > 0);
  const counted =
    keys === undefined ? 'not measured: dumpcap is not there' : `${keys.found} of ${keys.made}, ${keys.named} named`;
  return {
    name: 'keys-on-wire',
    claim: 'keys on the wire to the gateway',
    measured: [counted],
    wanted: '0',
    // In a protected run without dumpcap nothing is claimed of the wire.
    holds: keys === undefined ? scene === 'protected' : isSearched && keys.found === 0 && keys.named === 0,
  };
}

function nothingElseOnWire({ wire }: GatewayMeasurement): readonly Check[] {
  if (wire === null) return [];
  const { ike, esp, media, others } = wire;
  return [
    {
      name: 'wire',
      claim: 'packets of IKE, ESP and media, and others',
      measured: [`${ike}, ${esp}, ${media}`, others.length === 0 ? 'none other' : others.slice(0, 3).join('; ')],
      wanted: 'none other',
      holds: ike > 0 && esp > 0 && media > 0 && others.length === 0,
    },
  ];
}

function unheard({ tap }: GatewayMeasurement): Check {
  return {
    name: 'tap-without-keys',
    claim: 'tap without keys: likeness to what was said',
    measured: [tap === undefined ? 'nothing captured' : tap.highest.toFixed(4)],
    wanted: `below ${limits.unheard}`,
    holds: tap !== undefined && tap.packets > 0 && tap.seconds >= limits.seconds && tap.highest < limits.unheard,
  };
}

function understood({ tapWithKeys }: GatewayMeasurement): Check {
  return {
    name: 'tap-with-keys',
    claim: 'tap with the keys: likeness',
    measured: [tapWithKeys === undefined ? 'nothing captured' : tapWithKeys.lowest.toFixed(4)],
    wanted: `above ${limits.heard}`,
    holds: tapWithKeys !== undefined && tapWithKeys.opened > 0 && tapWithKeys.lowest > limits.heard,
  };
}

function overheard({ tap }: GatewayMeasurement): Check {
  return {
    name: 'tap',
    claim: 'tap: likeness to what was said',
    measured: [tap === undefined ? 'nothing captured' : tap.lowest.toFixed(4)],
    wanted: `above ${limits.heard}`,
    holds: tap !== undefined && tap.seconds >= limits.seconds && tap.lowest > limits.heard,
  };
}

function cameBack({ heardBack }: GatewayMeasurement): Check {
  return {
    name: 'heard-back',
    claim: 'what came back from the public network',
    measured: [heardBack?.toFixed(2) ?? 'nothing'],
    wanted: `above ${limits.played}`,
    holds: heardBack !== undefined && heardBack > limits.played,
  };
}

function demarcation({ demarcation: said, gatewayCalls }: GatewayMeasurement, wanted: string): Check {
  return {
    name: 'demarcation',
    claim: 'where security ends, by the signed record',
    measured: [said ?? 'not said'],
    wanted: `${wanted} …`,
    holds: said?.startsWith(wanted) === true && gatewayCalls === 1,
  };
}

function recorded({ records }: GatewayMeasurement): Check {
  return {
    name: 'records',
    claim: 'signed records, that of the call among them',
    measured: [
      records.verdict.ok ? `${records.verdict.count} verified` : 'not verified',
      records.found ? 'found' : 'missing',
    ],
    wanted: 'verified',
    holds: records.verdict.ok && records.found,
  };
}
