import type { CallLeg, LegEnd, MediaDescription, Party, SignallingPath } from '../../model/leg.ts';
import type { Observations } from '../../model/observations.ts';
import type { PacketPlace } from '../../traffic/place.ts';
import { boundedText } from '../bounded-text.ts';
import { describeMedia, wordsOf } from '../sdp/describe.ts';
import { readSession } from '../sdp/session.ts';
import { type MgcpMessage, observedDigits, parameterOf, shownCaller } from './message.ts';

const LONGEST_DIALLED = 64;

/**
 * One call of an agent: the endpoint in which its first connection was made is the caller's, the next one the called's.
 * What an agent tells an endpoint of the far side is the other's description.
 */
export class MgcpLegReader {
  readonly leg: CallLeg;
  readonly #observations: Observations;
  readonly #endpoints: string[] = [];
  readonly #lastDescription: Partial<Record<LegEnd, string>> = {};
  #dialled = '';

  constructor(leg: CallLeg, observations: Observations) {
    this.leg = leg;
    this.#observations = observations;
  }

  /** `dialled`: what was dialled at the endpoint before the call had a connection. */
  handle(
    message: MgcpMessage,
    verb: string,
    endpoint: string,
    path: SignallingPath,
    place: PacketPlace,
    dialled = '',
  ): void {
    const end = this.#endOf(endpoint);
    const { start } = message;
    const descriptions = this.#describe(message, start.kind === 'command' ? other(end) : end, path, place);
    const words = descriptions.map(wordsOf);
    if (start.kind === 'response') words.unshift(`to ${verb}`);
    const name =
      start.kind === 'command' ? start.verb : `${String(start.code).padStart(3, '0')} ${start.comment}`.trim();
    this.leg.message({
      place,
      path,
      name: boundedText(name) ?? '',
      ...(words.length === 0 ? {} : { detail: boundedText(words.join('; ')) ?? '' }),
      carriesKey: descriptions.some(({ keys }) => keys.length > 0),
    });
    if (end === 'caller') this.#dial(dialled);
    this.#events(message, end, path, place);
    this.#state(message, verb, place);
  }

  /** An answer names the endpoint that a wildcard stood for (RFC 3435 §2.1.2). */
  rename(wildcard: string, specific: string): void {
    const at = this.#endpoints.indexOf(wildcard);
    if (at < 0) return;
    this.#endpoints[at] = specific;
    this.#name(at === 0 ? 'caller' : 'called', { device: specific }, true);
  }

  #endOf(endpoint: string): LegEnd {
    const known = this.#endpoints.indexOf(endpoint);
    if (known >= 0) return known === 0 ? 'caller' : 'called';
    if (this.#endpoints.length >= 2) return 'called';
    const end = this.#endpoints.length === 0 ? 'caller' : 'called';
    this.#endpoints.push(endpoint);
    this.#name(end, { device: endpoint });
    return end;
  }

  #name(end: LegEnd, party: Party, overrides = false): void {
    this.leg[end] = overrides ? { ...this.leg[end], ...party } : { ...party, ...this.leg[end] };
  }

  /** Digits that say who is called. */
  #dial(digits: string): void {
    if (digits === '') return;
    this.#dialled = (this.#dialled + digits).slice(0, LONGEST_DIALLED);
    this.#name('called', { number: this.#dialled.replace(/#$/, '') }, true);
  }

  #describe(
    message: MgcpMessage,
    end: LegEnd,
    { exposure }: SignallingPath,
    place: PacketPlace,
  ): readonly MediaDescription[] {
    const found: MediaDescription[] = [];
    for (const text of message.descriptions) {
      const session = readSession(text);
      if (session === undefined) continue;
      const source = { kind: 'signalling', how: 'mgcp', place, exposure } as const;
      const descriptions = describeMedia(session, { place, end, source });
      found.push(...descriptions);
      // The agent carries to the other endpoint what this one said.
      if (this.#lastDescription[end] === text) continue;
      this.#lastDescription[end] = text;
      for (const description of descriptions) this.#observations.describe(this.leg, description);
    }
    return found;
  }

  #events(message: MgcpMessage, end: LegEnd, { exposure }: SignallingPath, place: PacketPlace): void {
    const digits = observedDigits(parameterOf(message, 'o') ?? '');
    if (digits !== '' && this.leg.answered === undefined && end === 'caller') this.#dial(digits);
    else if (digits !== '') this.leg.digit({ place, how: 'mgcp', end, digits, exposure });
    const shown = shownCaller(parameterOf(message, 's') ?? '');
    if (shown === undefined || end !== 'called') return;
    const [number, name] = [boundedText(shown.number), boundedText(shown.name)];
    this.#name('caller', { ...(number === undefined ? {} : { number }), ...(name === undefined ? {} : { name }) });
  }

  #state(message: MgcpMessage, verb: string, place: PacketPlace): void {
    const { leg } = this;
    const { start } = message;
    if (start.kind === 'response') {
      if (start.code < 400 || verb !== 'CRCX' || leg.ended !== undefined || leg.answered !== undefined) return;
      leg.ended = place;
      leg.endReason = boundedText(`${verb}; ${start.code} ${start.comment}`.trim());
      return;
    }
    if (start.verb === 'DLCX' && leg.ended === undefined) {
      leg.ended = place;
      leg.endReason = boundedText(['DLCX', parameterOf(message, 'e')].filter(Boolean).join('; '));
    }
    // MGCP knows no answer: a call is one when both may speak, and know where.
    const isBothWays = /^sendrecv$/i.test(parameterOf(message, 'm') ?? '');
    const isDescribed = this.#lastDescription.caller !== undefined && this.#lastDescription.called !== undefined;
    if (isBothWays && isDescribed) leg.answered ??= place;
  }
}

function other(end: LegEnd): LegEnd {
  return end === 'caller' ? 'called' : 'caller';
}
