import { Option } from 'commander';

/** As the command line says it. */
export type PhoneProtocol = 'sip' | 'sccp';

/** What the phone speaks, as the firmware of a desk phone decides it. */
export function protocolOption(): Option {
  return new Option(
    '--protocol <name>',
    'what its firmware speaks: sip, or sccp (Skinny); default: as its configuration says',
  ).choices(['sip', 'sccp']);
}

/** As a configuration file says it (`deviceProtocol`). */
export function wordOfProtocol(protocol: PhoneProtocol | undefined): 'SIP' | 'SCCP' | undefined {
  return protocol === undefined ? undefined : protocol === 'sccp' ? 'SCCP' : 'SIP';
}
