import { createNumbering, type Forwarding, type LineLimits } from '@trustline/callcontrol';
import type { z } from 'zod';
import type {
  ForwardingAnswer,
  forwardingRequest,
  LineAnswer,
  LineForwardedAnswer,
  LinesAnswer,
  lineLimitsRequest,
  waitingMessagesRequest,
} from '../../api/lines-contract.ts';
import { numberingOf } from '../../configuration/numbering.ts';
import { ManagerError } from '../../error.ts';
import { envelope, type Services } from './services.ts';

/** Every line that stands on a device, with where its calls go. */
export async function listLines(services: Services): Promise<LinesAnswer> {
  return { ...envelope(services), lines: await linesOf(services) };
}

/**
 * Changes where the calls of a line go, from the next call on.
 *
 * @throws {ManagerError} manager.line-unknown; manager.forwarding-refused where a line would forward to itself
 */
export async function forwardLine(
  services: Services,
  number: string,
  request: z.output<typeof forwardingRequest>,
): Promise<LineForwardedAnswer> {
  const { store, signalling, journal } = services;
  const line = await lineOf(services, number);
  if ([request.always, request.busy, request.noAnswer, request.unregistered].includes(number)) {
    throw new ManagerError('manager.forwarding-refused', `The line ${number} cannot forward its calls to itself.`, {
      nextStep: 'Name another line, or a number outside.',
    });
  }
  const forwarding = changed((await store.lineForwarding.all()).get(number) ?? {}, request);
  await store.lineForwarding.set(number, forwarding);
  signalling?.lineForwarded(number, forwarding);
  await journal.event('line-forwarded', { line: number, cause: `Calls of line ${number}: ${inWords(forwarding)}.` });
  const warnings = await leadNowhere(services, number, forwarding);
  return { ...envelope(services), lines: [{ ...line, forwarding: answerOf(forwarding) }], warnings };
}

/** They are taken all the same: a line may be added later, and a right given. */
async function leadNowhere(services: Services, line: string, forwarding: Forwarding): Promise<readonly string[]> {
  const { configuration, clock } = services;
  const known = new Set((await linesOf(services)).map(({ number }) => number));
  const { route } = createNumbering(numberingOf(configuration), (number) => known.has(number));
  const { always, busy, noAnswer, unregistered } = forwarding;
  const numbers = new Set([always, busy, noAnswer, unregistered].filter((number) => number !== undefined));
  return [...numbers].flatMap((number) => {
    const to = route(number, { device: '', line }, clock.now());
    if (to === undefined) return [`${number} is no line, and no row of the dial plan leads anywhere for it`];
    return to.kind === 'blocked' ? [`${line} may not call ${number}: ${to.reason}`] : [];
  });
}

/**
 * Changes how many calls a line has, from the next one on.
 *
 * @throws {ManagerError} manager.line-unknown
 */
export async function limitLine(
  services: Services,
  number: string,
  { busyFrom, most }: z.output<typeof lineLimitsRequest>,
): Promise<LinesAnswer> {
  const { store, signalling, journal } = services;
  const line = await lineOf(services, number);
  const before = line.limits;
  const limits = {
    busyFrom: busyFrom === undefined ? before.busyFrom : busyFrom,
    most: most === undefined ? before.most : most,
  };
  const kept = limitsOf(limits);
  await store.lineLimits.set(number, kept);
  signalling?.lineLimited(number, kept);
  const words = [
    limits.busyFrom === null ? undefined : `it is busy from ${limits.busyFrom} on`,
    limits.most === null ? undefined : `it has ${limits.most} at most`,
  ].filter((word) => word !== undefined);
  const cause = `Calls of line ${number}: ${words.length === 0 ? 'as many as all have' : words.join(', ')}.`;
  await journal.event('line-limited', { line: number, cause });
  return { ...envelope(services), lines: [{ ...line, limits }] };
}

function limitsOf({ busyFrom, most }: LineAnswer['limits']): LineLimits {
  return {
    ...(busyFrom === null ? {} : { busyTrigger: busyFrom }),
    ...(most === null ? {} : { maximumCalls: most }),
  };
}

/**
 * Notes how many messages wait for a line, and tells its phones (RFC 3842).
 *
 * @throws {ManagerError} manager.line-unknown
 */
export async function setWaitingMessages(
  services: Services,
  number: string,
  messages: z.output<typeof waitingMessagesRequest>,
): Promise<LinesAnswer> {
  const line = await lineOf(services, number);
  await services.store.waitingMessages.set(number, messages);
  services.signalling?.messagesWait(number, messages);
  return { ...envelope(services), lines: [{ ...line, messages }] };
}

async function lineOf(services: Services, number: string): Promise<LineAnswer> {
  const line = (await linesOf(services)).find((one) => one.number === number);
  if (line !== undefined) return line;
  throw new ManagerError('manager.line-unknown', `No device has the line ${number}.`, {
    nextStep: 'List them with: trustline line list',
  });
}

/** Lines that are on no device any more leave nothing to whoever gets the number next. */
export async function forgetUnusedLines(
  services: Services,
  lines: readonly { readonly number: string }[],
): Promise<void> {
  const used = new Set((await linesOf(services)).map(({ number }) => number));
  for (const { number } of lines) {
    if (used.has(number)) continue;
    await services.store.lineForwarding.set(number, {});
    services.signalling?.lineForwarded(number, {});
    await services.store.lineLimits.set(number, {});
    services.signalling?.lineLimited(number, {});
    await services.store.waitingMessages.set(number, { new: 0, old: 0 });
  }
}

async function linesOf({ store }: Services): Promise<readonly LineAnswer[]> {
  const forwarding = await store.lineForwarding.all();
  const limits = await store.lineLimits.all();
  const messages = await store.waitingMessages.all();
  const devices = await store.devices.list();
  const lines = devices.flatMap(({ name, lines }) => lines.map((line) => ({ ...line, name })));
  return [...Map.groupBy(lines, ({ number }) => number)]
    .map(([number, on]) => ({
      number,
      displayName: on.find(({ displayName }) => displayName !== undefined)?.displayName ?? null,
      devices: on.map(({ name }) => name),
      forwarding: answerOf(forwarding.get(number) ?? {}),
      limits: {
        busyFrom: limits.get(number)?.busyTrigger ?? null,
        most: limits.get(number)?.maximumCalls ?? null,
      },
      messages: messages.get(number) ?? { new: 0, old: 0 },
    }))
    .sort((a, b) => (a.number < b.number ? -1 : 1));
}

function changed(before: Forwarding, request: z.output<typeof forwardingRequest>): Forwarding {
  const { noAnswerSeconds, ...targets } = request;
  const noAnswerTimeout = typeof noAnswerSeconds === 'number' ? noAnswerSeconds * 1_000 : noAnswerSeconds;
  const wanted = { ...before, ...definedOf({ ...targets, noAnswerTimeout }) };
  return Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== null && value !== false));
}

function definedOf(fields: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function answerOf({
  always,
  busy,
  noAnswer,
  unregistered,
  noAnswerTimeout,
  doNotDisturb,
}: Forwarding): ForwardingAnswer {
  return {
    always: always ?? null,
    busy: busy ?? null,
    noAnswer: noAnswer ?? null,
    unregistered: unregistered ?? null,
    noAnswerSeconds: noAnswerTimeout === undefined ? null : noAnswerTimeout / 1_000,
    doNotDisturb: doNotDisturb === true,
  };
}

function inWords({ always, busy, noAnswer, unregistered, doNotDisturb }: Forwarding): string {
  const steps = [
    doNotDisturb === true ? 'it is not to be disturbed' : undefined,
    always === undefined ? undefined : `all go to ${always}`,
    busy === undefined ? undefined : `while it is busy they go to ${busy}`,
    noAnswer === undefined ? undefined : `when nobody answers they go to ${noAnswer}`,
    unregistered === undefined ? undefined : `while no phone is registered they go to ${unregistered}`,
  ].filter((step) => step !== undefined);
  return steps.length === 0 ? 'none are forwarded' : steps.join(', ');
}
