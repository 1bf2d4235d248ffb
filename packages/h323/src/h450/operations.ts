import type * as Arguments from '../generated/h450-arguments.types.ts';
import type * as Transfer from '../generated/h4502.types.ts';
import type * as Diversion from '../generated/h4503.types.ts';
import type * as Hold from '../generated/h4504.types.ts';
import type * as Waiting from '../generated/h4506.types.ts';
import { schema } from '../schema.ts';

const transfer = 'Call-Transfer-Operations';
const diversion = 'Call-Diversion-Operations';
const diversionArguments = 'Call-Diversion-Arguments';
const hold = 'Call-Hold-Operations';
const waiting = 'Call-Waiting-Operations';
const nameArguments = 'Name-Arguments';

const name = schema.codec<Arguments.NameArg>(nameArguments, 'NameArg');
const noArgument = schema.codec<Transfer.DummyArg>(transfer, 'DummyArg');
const noResult = schema.codec<Transfer.DummyRes>(transfer, 'DummyRes');
const noDiversionResult = schema.codec<Arguments.DiversionExtension>(diversionArguments, 'DiversionExtension');

/**
 * Operations by the name that their Recommendation gives them: the local code of an invoke, and what its argument and the
 * result of it hold. An argument or result that says nothing may be absent. Operations without a result are not answered.
 */
export const operations = {
  // H.450.8
  callingName: { code: 0, argument: name },
  alertingName: { code: 1, argument: name },
  connectedName: { code: 2, argument: name },
  busyName: { code: 3, argument: name },
  // H.450.2
  callTransferIdentify: {
    code: 7,
    argument: noArgument,
    result: schema.codec<Transfer.CTIdentifyRes>(transfer, 'CTIdentifyRes'),
  },
  callTransferAbandon: { code: 8, argument: noArgument },
  callTransferInitiate: {
    code: 9,
    argument: schema.codec<Transfer.CTInitiateArg>(transfer, 'CTInitiateArg'),
    result: noResult,
  },
  callTransferSetup: {
    code: 10,
    argument: schema.codec<Transfer.CTSetupArg>(transfer, 'CTSetupArg'),
    result: noResult,
  },
  callTransferActive: { code: 11, argument: schema.codec<Transfer.CTActiveArg>(transfer, 'CTActiveArg') },
  callTransferComplete: { code: 12, argument: schema.codec<Transfer.CTCompleteArg>(transfer, 'CTCompleteArg') },
  callTransferUpdate: { code: 13, argument: schema.codec<Transfer.CTUpdateArg>(transfer, 'CTUpdateArg') },
  subaddressTransfer: {
    code: 14,
    argument: schema.codec<Transfer.SubaddressTransferArg>(transfer, 'SubaddressTransferArg'),
  },
  // H.450.3
  activateDiversionQ: {
    code: 15,
    argument: schema.codec<Arguments.ActivateDiversionQArg>(diversionArguments, 'ActivateDiversionQArg'),
    result: noDiversionResult,
  },
  deactivateDiversionQ: {
    code: 16,
    argument: schema.codec<Arguments.DeactivateDiversionQArg>(diversionArguments, 'DeactivateDiversionQArg'),
    result: noDiversionResult,
  },
  interrogateDiversionQ: {
    code: 17,
    argument: schema.codec<Arguments.InterrogateDiversionQArg>(diversionArguments, 'InterrogateDiversionQArg'),
    result: schema.codec<Diversion.IntResultList>(diversion, 'IntResultList'),
  },
  checkRestriction: {
    code: 18,
    argument: schema.codec<Arguments.CheckRestrictionArg>(diversionArguments, 'CheckRestrictionArg'),
    result: noDiversionResult,
  },
  callRerouting: {
    code: 19,
    argument: schema.codec<Arguments.CallReroutingArg>(diversionArguments, 'CallReroutingArg'),
    result: noDiversionResult,
  },
  divertingLegInformation1: {
    code: 20,
    argument: schema.codec<Arguments.DivertingLegInfo1Arg>(diversionArguments, 'DivertingLegInfo1Arg'),
  },
  divertingLegInformation2: {
    code: 21,
    argument: schema.codec<Diversion.DivertingLegInfo2Arg>(diversion, 'DivertingLegInfo2Arg'),
  },
  divertingLegInformation3: {
    code: 22,
    argument: schema.codec<Arguments.DivertingLegInfo3Arg>(diversionArguments, 'DivertingLegInfo3Arg'),
  },
  cfnrDivertedLegFailed: { code: 23, argument: noDiversionResult },
  divertingLegInformation4: {
    code: 100,
    argument: schema.codec<Arguments.DivertingLegInfo4Arg>(diversionArguments, 'DivertingLegInfo4Arg'),
  },
  // H.450.4
  holdNotific: { code: 101, argument: schema.codec<Hold.HoldNotificArg>(hold, 'HoldNotificArg') },
  retrieveNotific: { code: 102, argument: schema.codec<Hold.RetrieveNotificArg>(hold, 'RetrieveNotificArg') },
  remoteHold: {
    code: 103,
    argument: schema.codec<Hold.RemoteHoldArg>(hold, 'RemoteHoldArg'),
    result: schema.codec<Hold.RemoteHoldRes>(hold, 'RemoteHoldRes'),
  },
  remoteRetrieve: {
    code: 104,
    argument: schema.codec<Hold.RemoteRetrieveArg>(hold, 'RemoteRetrieveArg'),
    result: schema.codec<Hold.RemoteRetrieveRes>(hold, 'RemoteRetrieveRes'),
  },
  // H.450.6
  callWaiting: { code: 105, argument: schema.codec<Waiting.CallWaitingArg>(waiting, 'CallWaitingArg') },
} as const;

export type OperationName = keyof typeof operations;

const byCode = new Map(Object.entries(operations).map(([key, { code }]) => [code as number, key as OperationName]));

/** The operation with this local code, if one of H.450.2, .3, .4, .6 or .8 has it. */
export function operationOf(code: number | bigint): OperationName | undefined {
  return byCode.get(Number(code));
}
