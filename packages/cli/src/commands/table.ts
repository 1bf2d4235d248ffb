import type { Command } from 'commander';
import type { Terminal } from '../terminal.ts';

/** Adds the commands of one group to the program. */
export type AddCommands = (program: Command, terminal: Terminal) => void;

/** Commands that are written in one file, which is loaded only when one of them is wanted: a manager is much, a phone more. */
export interface CommandGroup {
  /** The first words of its commands. */
  readonly names: readonly string[];
  /** What it ends with where the command line was wrong, if its commands say something else with the usual status. */
  readonly usageStatus?: number;
  readonly load: () => Promise<AddCommands>;
}

/** Every group, in the order of the help. A new one is a file here and a line here. */
export const commandGroups: readonly CommandGroup[] = [
  { names: ['init'], load: async () => (await import('./init.ts')).addInitCommands },
  { names: ['start', 'stop'], load: async () => (await import('./start.ts')).addStartCommands },
  { names: ['demo'], load: async () => (await import('./demo.ts')).addDemoCommand },
  { names: ['status'], load: async () => (await import('./status.ts')).addStatusCommands },
  { names: ['device', 'devices'], load: async () => (await import('./device.ts')).addDeviceCommands },
  { names: ['gateway'], load: async () => (await import('./gateway.ts')).addGatewayCommands },
  { names: ['gateway'], load: async () => (await import('./gateway-run.ts')).addGatewayProgramCommands },
  { names: ['trunk'], load: async () => (await import('./trunk.ts')).addTrunkCommands },
  { names: ['phone'], load: async () => (await import('./phone.ts')).addPhoneCommands },
  { names: ['calls', 'call'], load: async () => (await import('./calls.ts')).addCallCommands },
  { names: ['sip'], load: async () => (await import('./sip-trace.ts')).addSipCommands },
  { names: ['events'], load: async () => (await import('./events.ts')).addEventCommands },
  { names: ['alarms'], load: async () => (await import('./alarms.ts')).addAlarmCommands },
  { names: ['audit'], usageStatus: 1, load: async () => (await import('./audit.ts')).addAuditCommands },
  { names: ['records'], load: async () => (await import('./records.ts')).addRecordCommands },
  { names: ['pki'], load: async () => (await import('./pki.ts')).addPkiCommands },
  { names: ['token'], load: async () => (await import('./token.ts')).addTokenCommands },
  { names: ['ctl'], load: async () => (await import('./ctl.ts')).addCtlCommands },
  { names: ['trust'], load: async () => (await import('./trust.ts')).addTrustCommands },
  { names: ['ipsec'], load: async () => (await import('./ipsec.ts')).addIpsecCommands },
  { names: ['line'], load: async () => (await import('./line.ts')).addLineCommands },
  { names: ['enrolment'], load: async () => (await import('./enrolment.ts')).addEnrolmentCommands },
  { names: ['capf'], load: async () => (await import('./capf.ts')).addCapfCommands },
  { names: ['operator'], load: async () => (await import('./operator.ts')).addOperatorCommands },
  { names: ['backup', 'restore'], load: async () => (await import('./backup.ts')).addBackupCommands },
  { names: ['config'], load: async () => (await import('./config.ts')).addConfigCommands },
];
