import type { Command } from 'commander';
import type { Terminal } from '../terminal.ts';
import { addAlarmCommands } from './alarms.ts';
import { addBackupCommands } from './backup.ts';
import { addCallCommands } from './calls.ts';
import { addCapfCommands } from './capf.ts';
import { addConfigCommands } from './config.ts';
import { addCtlCommands } from './ctl.ts';
import { addDemoCommand } from './demo.ts';
import { addDeviceCommands } from './device.ts';
import { addEnrolmentCommands } from './enrolment.ts';
import { addEventCommands } from './events.ts';
import { addGatewayCommands } from './gateway.ts';
import { addGatewayProgramCommands } from './gateway-run.ts';
import { addInitCommands } from './init.ts';
import { addIpsecCommands } from './ipsec.ts';
import { addLineCommands } from './line.ts';
import { addOperatorCommands } from './operator.ts';
import { addPhoneCommands } from './phone.ts';
import { addPkiCommands } from './pki.ts';
import { addRecordCommands } from './records.ts';
import { addSipCommands } from './sip-trace.ts';
import { addStartCommands } from './start.ts';
import { addStatusCommands } from './status.ts';
import { addTokenCommands } from './token.ts';
import { addTrunkCommands } from './trunk.ts';
import { addTrustCommands } from './trust.ts';

/** Adds the commands of one group to the program. */
export type CommandGroup = (program: Command, terminal: Terminal) => void;

/** Every group, in the order of the help. A new one is a file here and a line here. */
export const commandGroups: readonly CommandGroup[] = [
  addInitCommands,
  addStartCommands,
  addDemoCommand,
  addStatusCommands,
  addDeviceCommands,
  addGatewayCommands,
  addGatewayProgramCommands,
  addTrunkCommands,
  addPhoneCommands,
  addCallCommands,
  addSipCommands,
  addEventCommands,
  addAlarmCommands,
  addRecordCommands,
  addPkiCommands,
  addTokenCommands,
  addCtlCommands,
  addTrustCommands,
  addIpsecCommands,
  addLineCommands,
  addEnrolmentCommands,
  addCapfCommands,
  addOperatorCommands,
  addBackupCommands,
  addConfigCommands,
];
