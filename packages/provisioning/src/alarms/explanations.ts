/** How sure an explanation is: of Cisco's documents, of working public code, concluded from them, or a mere echo. */
export type AlarmConfidence = 'documented' | 'confirmed' | 'inferred' | 'unknown';

export interface ExplainedAlarm {
  /** Stable, for machines; `unknown` where nothing is known of it. */
  readonly kind: string;
  /** What happened, in an operator's words. */
  readonly cause: string;
  /** What to do next. */
  readonly nextStep: string;
  readonly confidence: AlarmConfidence;
}

/**
 * What is publicly known of the alarms of phones.
 *
 * `last`: texts of `Last=`, in the order of their numbers: from the alarm names of a public SCCP stack by the maker of the
 * phones, and confirmed by traces (14 cm-closed-tcp, 25 initialized). `reason`: numbers of `ReasonForOutOfService` as
 * CUCM's alarm catalogue names them; they are those of the texts but for 15 to 17. `status`: beginnings of the status
 * messages in the administration guides of the phones, as far as they concern trust and files.
 */
interface Entry extends ExplainedAlarm {
  readonly last?: readonly string[];
  readonly number?: number;
  readonly reason?: number;
  readonly status?: readonly string[];
}

const whereFilesAre =
  'Check that the server of files runs and that the phone reaches it: DHCP option 150, HTTP 6970, TFTP 69.';
const whyClosed =
  'Look at the events of the device at that time: a refused certificate or a restart of the manager stands there.';
const nothing = 'Nothing: the phone registers again by itself.';
const compareLists =
  'Compare the hash of the list that the phone shows with the published one. A token that the phone knows, or TVS, must vouch for the signer; delete the list by hand only as the last resort.';

const entries: readonly Entry[] = [
  entry(
    'load-rejected',
    'The phone refused the firmware: it is for other hardware.',
    'Correct the firmware of the device type.',
    'documented',
    { last: ['Load Rejected HC'], number: 0, status: ['Load rejected HC'] },
  ),
  entry(
    'file-too-large',
    'A file is too large for the memory of the phone.',
    'Power-cycle the phone; make the file smaller.',
    'documented',
    { last: ['TFTP Size Error'], number: 1, status: ['CFG TFTP Size Error'] },
  ),
  entry(
    'file-compression',
    'A file is compressed in a way that the phone does not know.',
    'Serve the firmware as its maker made it.',
    'inferred',
    { last: ['Compression Type Error'], number: 2 },
  ),
  entry(
    'file-version',
    'A file has a version or a name that the phone does not take.',
    'Check the name of the firmware in the configuration.',
    'documented',
    { last: ['Version Error'], number: 3, status: ['Version error'] },
  ),
  entry('disk-full', 'The memory of the phone is full.', 'Power-cycle the phone.', 'inferred', {
    last: ['Disk Full Error'],
    number: 4,
  }),
  entry(
    'checksum',
    'A file that the phone fetched is damaged.',
    'Put a fresh copy of the firmware in place.',
    'documented',
    { last: ['ROM Checksum Error'], number: 5, status: ['Checksum error'] },
  ),
  entry(
    'file-not-found',
    'A file that the phone needs is not served.',
    'Add the device, or put the file in place. For trust lists it is normal in a cluster without security.',
    'documented',
    { last: ['File Not Found'], number: 6, status: ['File not found', 'CFG file not found', 'TFTP file not found'] },
  ),
  entry('files-unreachable', 'Nobody answered when the phone asked for its files.', whereFilesAre, 'documented', {
    last: ['TFTP Timeout'],
    number: 7,
    status: ['TFTP timeout', 'TFTP server not available'],
  }),
  entry(
    'file-access',
    'The server of files denied a file.',
    'Check the rights of the file and the name of the device.',
    'documented',
    { last: ['TFTP Access Error'], number: 8, status: ['TFTP access error'] },
  ),
  entry(
    'file-error',
    'The server of files answered with an error that the phone does not know.',
    whereFilesAre,
    'documented',
    { last: ['TFTP Error'], number: 9, status: ['TFTP error'] },
  ),
  entry(
    'manager-timeout',
    'The connection to the call manager timed out.',
    'Check the network between the phone and the manager, and whether the manager runs.',
    'documented',
    { last: ['TCP-timeout'], number: 10, reason: 10 },
  ),
  entry(
    'tcp-acknowledgement',
    'The call manager acknowledged what was never sent.',
    'Look for a firewall or address translation between the phone and the manager.',
    'inferred',
    { last: ['TCP-Bad-ACK'], number: 11 },
  ),
  entry(
    'manager-reset-connection',
    'The call manager, or something on the way, reset the connection.',
    whyClosed,
    'documented',
    { last: ['CM-reset-TCP'], number: 12, reason: 12 },
  ),
  entry('manager-aborted-connection', 'The call manager aborted the connection.', whyClosed, 'documented', {
    last: ['CM-aborted-TCP'],
    number: 13,
    reason: 13,
  }),
  entry('manager-closed-connection', 'The call manager closed the connection.', whyClosed, 'documented', {
    last: ['CM-closed-TCP', 'UCM-closed-TCP'],
    number: 14,
    reason: 14,
  }),
  entry(
    'manager-unreachable',
    'The network said that the call manager cannot be reached.',
    'Check the routes to the manager, and whether its ports are open.',
    'inferred',
    { last: ['CM-ICMP-Unreach'], number: 15 },
  ),
  entry('manager-refused', 'The call manager did not acknowledge the phone.', whyClosed, 'inferred', {
    last: ['CM-NAKed'],
    number: 16,
  }),
  entry(
    'keepalive',
    'Signs of life between the phone and the call manager went unanswered.',
    'Check the network for loss, and the manager for load.',
    'documented',
    { last: ['KeepaliveTO'], number: 17, reason: 15 },
  ),
  entry(
    'address-lost',
    'The phone lost its IP address, or found that another one has it.',
    'Check the DHCP server, and look for the address in use twice.',
    'documented',
    { reason: 16 },
  ),
  entry(
    'registration-timeout',
    'The call manager did not answer the registration in time.',
    'Check the load of the manager, and the transport and port in the configuration.',
    'documented',
    { reason: 17 },
  ),
  entry('failback', 'The phone went back to a call manager of higher priority.', nothing, 'documented', {
    last: ['Failback'],
    number: 18,
    reason: 18,
  }),
  entry(
    'reset-by-diagnosis',
    'The phone was reset by its own diagnosis.',
    'Replace the phone if it happens again.',
    'inferred',
    { last: ['Phone-Diag'], number: 19 },
  ),
  entry('reset-by-user', 'Somebody reset the phone at its keypad.', nothing, 'documented', {
    last: ['Phone-Keypad'],
    number: 20,
    reason: 20,
  }),
  entry('address-changed', 'The phone got another IP address.', nothing, 'inferred', {
    last: ['Phone-Re-IP'],
    number: 21,
  }),
  entry('reset-by-manager', 'The call manager told the phone to reset.', nothing, 'documented', {
    last: ['Reset-Reset'],
    number: 22,
    reason: 22,
  }),
  entry('restart-by-manager', 'The call manager told the phone to restart.', nothing, 'documented', {
    last: ['Reset-Restart'],
    number: 23,
    reason: 23,
  }),
  entry(
    'registration-rejected',
    'The call manager rejected the registration.',
    'Look at the events of the device: it is not known, has another protocol, or did not prove who it is.',
    'documented',
    { last: ['Phone-Reg-Rej'], number: 24, reason: 24 },
  ),
  entry('power-on', 'The phone was switched on, or began afresh.', nothing, 'confirmed', {
    last: ['Initialized'],
    number: 25,
  }),
  entry(
    'file-signature',
    'The phone refused the signature of a file, and goes on with the file it had.',
    compareLists,
    'documented',
    { last: ['FileAuthError'], status: ['File auth error', 'Load auth failed'] },
  ),
  entry(
    'phone-stopped',
    'The software of the phone stopped.',
    'Replace the firmware if it happens again.',
    'inferred',
    { last: ['Phone-Abort', 'DSP Error'] },
  ),
  entry('application-ended', 'The application on a computer ended its registration.', nothing, 'confirmed', {
    last: ['Application-Requested-Destroy'],
  }),
  entry('list-refused', 'The phone refused a trust list and keeps the one it had.', compareLists, 'documented', {
    status: ['Trust List update failed', 'CTL update failed', 'ITL update failed'],
  }),
  entry(
    'list-missing',
    'The phone has no trust list.',
    'In mixed mode, check that the list of the device is served. Without security nothing is to be done.',
    'documented',
    { status: ['No CTL installed', 'No ITL installed', 'No trust list installed'] },
  ),
  entry('list-taken', 'The phone took a trust list.', 'Nothing.', 'documented', {
    status: ['CTL installed', 'ITL installed', 'CTL and ITL installed', 'Trust list updated'],
  }),
];

function entry(
  kind: string,
  cause: string,
  nextStep: string,
  confidence: ExplainedAlarm['confidence'],
  by: Pick<Entry, 'last' | 'number' | 'reason' | 'status'>,
): Entry {
  return { kind, cause, nextStep, confidence, ...by };
}

function plain({ kind, cause, nextStep, confidence }: Entry): ExplainedAlarm {
  return { kind, cause, nextStep, confidence };
}

const lastWords = new Map(entries.flatMap((one) => (one.last ?? []).map((words) => [words.toLowerCase(), plain(one)])));
const numbers = new Map(entries.flatMap((one) => (one.number === undefined ? [] : [[one.number, plain(one)]])));

/** By `ReasonForOutOfService`. */
export const byReason: ReadonlyMap<number, ExplainedAlarm> = new Map(
  entries.flatMap((one) => (one.reason === undefined ? [] : [[one.reason, plain(one)]])),
);

/** By the number of an alarm in text. */
export function byText(number: number): ExplainedAlarm | undefined {
  return numbers.get(number);
}

/** By `Last=…`, or by the beginning of a status message: after it comes the name of a file. */
export function byWords(words: string): ExplainedAlarm | undefined {
  const said = words.toLowerCase();
  const known = lastWords.get(said);
  if (known !== undefined) return known;
  const found = entries.find(({ status = [] }) => status.some((start) => said.startsWith(start.toLowerCase())));
  return found === undefined ? undefined : plain(found);
}
