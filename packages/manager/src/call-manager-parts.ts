import { hexadecimal } from '@trustline/base';
import { CallControl, createNumbering, defaultSettings } from '@trustline/callcontrol';
import { type GruuIssuer, LEAST_SESSION_INTERVAL, type SipFlow, SipUserAgent } from '@trustline/sip';
import { CallBackDoor } from './call-back/call-back-door.ts';
import { CallBacks } from './call-back/call-backs.ts';
import { CallManagerEvents } from './call-manager-events.ts';
import { maximumSessions, OVERLOAD_VALIDITY, transactionLimits } from './call-manager-limits.ts';
import type { CallManagerCoreOptions, CallManagerOutput } from './call-manager-types.ts';
import { ClearConnections } from './clear-connections.ts';
import { DeviceDirectory } from './device-directory.ts';
import { createH323 } from './legs/h323/h323.ts';
import { busyLampStatus } from './legs/sccp/busy-lamps.ts';
import { Skinny } from './legs/sccp/skinny.ts';
import { addressOf } from './legs/sip/authority.ts';
import { Gate, type PasswordSecret } from './legs/sip/gate.ts';
import { contactOf, destinationOf, whomIsMeant } from './legs/sip/outside-requests.ts';
import { Registrar } from './legs/sip/registrar.ts';
import { SipLegs } from './legs/sip/sip-legs.ts';
import { TextMessages } from './messages/text-messages.ts';
import { Recovery } from './recovery/recovery.ts';
import type { WaitingMessages } from './subscriptions/documents.ts';
import { Subscriptions } from './subscriptions/subscriptions.ts';
import { openWatchable, type WatchedWorld, watchedActivity } from './subscriptions/watchable.ts';
import { compileWatchingRights } from './subscriptions/watching-rights.ts';
import { MessageLegs } from './trace/message-legs.ts';
import { LoadExchange } from './trunks/load-exchange.ts';
import { TrunkAccounts } from './trunks/trunk-accounts.ts';
import { TrunkProbes } from './trunks/trunk-probes.ts';
import { shownFarSide } from './trunks/trunk-status.ts';
import { tooMuch, WorkAdmission } from './work-admission.ts';

/** What the core and its parts have in common, beside what each keeps for itself. */
function createCommon(options: CallManagerCoreOptions) {
  const outputs: CallManagerOutput[] = [];
  return {
    /** What the core wants done. */
    outputs,
    events: new CallManagerEvents(options, (event) => outputs.push({ kind: 'event', event })),
    passwords: new Map<string, PasswordSecret>(),
    /** Messages that wait for a line; a line without has no entry. */
    messages: new Map<string, WaitingMessages>(),
    /** Connection → trunk that is believed on it without TLS. */
    clearTrunks: new Map<string, string>(),
    /** Devices that have just proved themselves by password on a connection that was not theirs before. */
    arrived: [] as { readonly device: string; readonly flow: SipFlow }[],
    /** Makes addresses of their own for phones (RFC 5627), once there is a key. */
    gruus: { issuer: undefined as GruuIssuer | undefined },
  };
}

/** Everything that a call manager consists of, joined; nothing is done with it yet. */
export type CallManagerParts = ReturnType<typeof createParts>;

/** Makes the parts of a call manager, each with what it needs of the others. */
export function createParts(options: CallManagerCoreOptions) {
  const common = createCommon(options);
  const { outputs, events, passwords, messages, clearTrunks, arrived, gruus } = common;
  const { random, node } = options;
  const newTag = () => hexadecimal(random(8));
  const numbering = createNumbering(options.numbering, (number) => directory.line(number) !== undefined);
  const directory = new DeviceDirectory(numbering, options.trunkSettings);
  const clearConnections = new ClearConnections(directory, (device) => legs.legsOf(device).length > 0);
  const admission = new WorkAdmission({
    ...options,
    isOfClearTrunk: (flow, request) => gate.clearTrunk(flow, request) !== undefined,
    isEmergency: (request) => numbering.isEmergency(destinationOf(request)),
    overloaded: (notice) => events.event('overload', notice),
  });
  const load = new LoadExchange({
    isTrunk: (flow) => isTrunk(directory, flow),
    loss: () => admission.loss,
    validity: OVERLOAD_VALIDITY,
    wallTime: options.wallTime,
  });
  const registrar = new Registrar(directory, options.registrar, () => gruus.issuer, newTag);
  const gate = new Gate({
    directory,
    random,
    realm: options.realm,
    wallTime: options.wallTime,
    passwordOf: (device) => passwords.get(device),
    digestAlgorithms: options.digestAlgorithms,
    clearTrunkOn: (flow) => clearTrunks.get(flow.id) ?? options.trunkAt?.(flow),
    deviceOf: (session) => legs.deviceOf(session),
    notice: (notice) => events.notice(notice),
    authenticated: (flow, device, isNew) => {
      outputs.push({ kind: 'authenticated', flow });
      if (isNew) arrived.push({ device, flow });
    },
  });
  const userAgent = new SipUserAgent({
    random,
    product: options.product,
    contact: (flow) => contactOf(flow),
    authorize: (now, flow, request, session) => {
      if (session === undefined && !admission.hears(now, flow, request)) return tooMuch(flow, random);
      const authorization = gate.authorize(now, flow, request, session);
      if (session !== undefined || authorization.kind !== 'allow') return authorization;
      return admission.takes(now, flow, request) ? authorization : tooMuch(flow, random);
    },
    answerChallenge: (request, response, session) => {
      const device = legs.deviceOf(session);
      return device === undefined ? undefined : trunkAccounts.answer(device, session.flow, request, response);
    },
    holdAcks: true,
    reliableProvisionals: true,
    sessionTimer: { interval: options.sessionInterval, minimum: LEAST_SESSION_INTERVAL },
    methods: ['REGISTER', 'REFER', 'SUBSCRIBE', 'MESSAGE'],
    supported: ['path', 'outbound', 'gruu', 'replaces'],
    limits: transactionLimits,
    maximumSessions,
    settled: (session) => recovery.settled(session),
    ...(options.timers === undefined ? {} : { timers: options.timers }),
  });
  const callControl = new CallControl(
    {
      directory,
      random,
      wallTime: (now) => events.isoTime(now),
      ...(options.relay === undefined ? {} : { relay: options.relay }),
    },
    { ...options.calls, node },
  );
  const legs = new SipLegs({
    userAgent,
    random,
    senderOf: (request) => gate.senderOf(request),
    destinationOf: (request) => whomIsMeant(gruus.issuer, directory, request),
    askedFor: (leg) => callControl.askedFor(leg),
    reach: (device, line, failed) => {
      const reached = directory.reach(device, line, failed);
      const route = reached?.isTrusted === true ? trunkAccounts.serviceRoute(device) : [];
      return reached && route.length > 0 ? { ...reached, route } : reached;
    },
    shownFarSide: (leg) => shownFarSide(callControl, leg),
    takesCall: (now, flow) => load.takes(now, flow.id),
    isThere: (device, flow) => recovery.isThere(device, flow),
    agreed: (leg) => recovery.agreed(leg),
    answered: (now, leg, outcome) => recovery.answered(now, leg, outcome),
    malformed: (leg, cause) => events.event('malformed-input', { cause, device: leg.device, reason: 'description' }),
  });
  const viewOf = compileWatchingRights(options.watchers, (line) => directory.pickUpLines(line));
  const watched: WatchedWorld = {
    directory,
    lineCalls: (line) => callControl.lineCalls(line),
    identifiersOf: (leg) => legs.identifiersOf(leg),
    messagesOf: (line) => messages.get(line) ?? { new: 0, old: 0 },
    route: (now, number, watcher) => directory.route(number, watcher, options.wallTime(now)),
    viewOf,
  };
  const skinny = new Skinny({
    directory,
    numbering,
    random,
    settings: options.skinny,
    suites: options.calls.suites ?? defaultSettings.suites,
    callBack: options.callBack,
    patience: { talking: options.sessionInterval * 1_000, held: options.lostDevicePatience },
    voiceMail: options.voiceMail,
    keysOf: (device) => options.phoneKeys?.get(device),
    busyLamp: (device, number) => busyLampStatus(watchedActivity(watched, device, number)),
    wallTime: options.wallTime,
    isClosing: () => callControl.draining,
    isTaken: (number) => callControl.isTaken(number),
    shownFarSide: (leg) => shownFarSide(callControl, leg),
    messagesWaiting: (line) => messages.get(line)?.new ?? 0,
    notice: (notice) => events.notice(notice),
    ...(options.skinnyPassed === undefined ? {} : { passed: options.skinnyPassed }),
    forwardLine: (line, forwarding) => {
      directory.setForwarding(line, forwarding);
      outputs.push({ kind: 'forward-line', line, forwarding });
    },
  });
  const h323 = createH323({
    ...options,
    directory,
    numbering,
    phones: skinny,
    shownFarSide: (leg) => shownFarSide(callControl, leg),
    found: (settings) => outputs.push({ kind: 'gateway-found', settings }),
    notice: ({ kind, ...fields }) => events.event(kind, fields),
  });
  const messageLegs = new MessageLegs({ callControl, sip: legs, skinny, h323 });
  const recovery = new Recovery({ callControl, legs, directory, wallTime: options.wallTime });
  const refused = (flow: SipFlow, device: string, reason: string, cause: string) =>
    events.event('request-refused', { cause, device, reason, remoteAddress: addressOf(flow) });
  const callBacks: CallBacks | undefined =
    options.callBack &&
    new CallBacks(
      {
        lineCalls: watched.lineCalls,
        isRegistered: (device, line) => directory.registration(device, line) !== undefined,
        devicesOf: (line) => directory.devicesOf(line),
        route: watched.route,
        callBack: (now, { device, line }, destination) =>
          callControl.handle(now, { kind: 'call-back', device, line, destination }),
      },
      options.callBack,
    );
  const callBackDoor = new CallBackDoor({
    callBacks,
    senderOf: (request) => gate.senderOf(request),
    inviteOf: (leg) => legs.inviteOf(leg),
    dialled: (leg) => skinny.dialled(leg),
    answered: (leg, words) => skinny.answered(leg, words),
  });
  const textMessages = new TextMessages(
    {
      userAgent,
      directory,
      newTag,
      senderOf: (request) => gate.senderOf(request),
      route: watched.route,
      refused,
    },
    options.textMessages,
  );
  const trunkAccounts = new TrunkAccounts(options.trunkAccounts ?? [], {
    userAgent,
    random,
    contact: contactOf,
    flowsOf: (device) => directory.flowsOf(device),
    event: (kind, fields) => events.event(kind, fields),
  });
  const trunkProbes = new TrunkProbes({
    userAgent,
    random,
    realm: options.realm,
    contact: contactOf,
    flowsOf: (device) => directory.flowsOf(device),
    probed: (device, isThere) => callControl.handle(events.now, { kind: 'probed', device, isThere }),
  });
  const subscriptions = new Subscriptions(
    {
      userAgent,
      newTag,
      contact: contactOf,
      senderOf: (request) => gate.senderOf(request),
      flowsOf: (device) => directory.flowsOf(device),
      open: (...asked) => openWatchable(watched, ...asked),
      refused,
    },
    options.subscriptions,
  );
  return {
    ...common,
    directory,
    userAgent,
    callControl,
    gate,
    registrar,
    clearConnections,
    admission,
    load,
    legs,
    skinny,
    h323,
    messageLegs,
    recovery,
    subscriptions,
    textMessages,
    callBacks,
    callBackDoor,
    trunkAccounts,
    trunkProbes,
  };
}

/** Whether it is a trunk or gateway that is at the other end of a connection. */
function isTrunk(directory: DeviceDirectory, flow: SipFlow): boolean {
  return directory.devicesOn(flow.id).some((name) => directory.device(name)?.kind !== 'phone');
}
