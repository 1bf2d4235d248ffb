import { forEachSeed, type SeededRandom, SipPair, sampleRequest, VirtualClock } from '@trustline/testing';
import { expect, test } from 'vitest';
import { createResponse } from '../message/response.ts';
import { SipEndpoint } from './endpoint.ts';
import type { RequestOutput, SipEndpointOutput } from './outputs.ts';

const seeds = 150;

/** Two endpoints on a bad network; the right one answers by `status` after a random while. */
function badNetwork(random: SeededRandom, answer: (request: RequestOutput) => number) {
  const clock = new VirtualClock();
  const left = new SipEndpoint({ random: random.bytes });
  const right = new SipEndpoint({ random: random.bytes });
  const conditions = {
    loss: random.next() * 0.6,
    duplication: random.next() * 0.5,
    minimumDelay: 1,
    maximumDelay: 900,
  };
  const pair = new SipPair<SipEndpointOutput>(clock, left, right, { random, conditions });
  pair.right.onOutput = (output) => {
    if (output.kind !== 'request' || output.transaction === undefined) return;
    const { transaction, request } = output;
    const respond = (status: number): void => {
      pair.act(() => right.respond(clock.now, transaction, createResponse(request, status, { toTag: 'b2' })));
    };
    if (random.chance(0.5)) clock.schedule(random.below(300), () => respond(180));
    clock.schedule(300 + random.below(4_000), () => respond(answer(output)));
  };
  /** A caller who does not wait for ever: after a provisional response the RFC sets no limit. */
  const invite = (patience: number): void => {
    const transaction = pair.act(() => left.sendRequest(clock.now, pair.left.flow, sampleRequest('INVITE')));
    clock.schedule(patience, () => pair.act(() => left.cancel(clock.now, transaction)));
  };
  return { clock, left, right, pair, invite };
}

function expectEmpty(clock: VirtualClock, ...endpoints: readonly SipEndpoint[]): void {
  clock.runUntilIdle();
  for (const endpoint of endpoints) {
    expect(endpoint.transactions).toEqual({ client: 0, server: 0 });
    expect(endpoint.nextDeadline()).toBeUndefined();
  }
}

test('whatever is lost, doubled or overtaken, a non-INVITE transaction ends once, and its request is served once', () => {
  forEachSeed(seeds, (random) => {
    const { clock, left, right, pair } = badNetwork(random, () => 200);
    pair.act(() => left.sendRequest(clock.now, pair.left.flow, sampleRequest('OPTIONS')));
    expectEmpty(clock, left, right);
    const endings = pair.left.outputs.filter(
      (output) => output.kind === 'timeout' || (output.kind === 'response' && output.response.status >= 200),
    );
    expect(endings).toHaveLength(1);
    expect(pair.right.outputsOf('request').length).toBeLessThanOrEqual(1);
  });
});

test('a rejected INVITE ends once at both ends, acknowledged or not', () => {
  forEachSeed(seeds, (random) => {
    const { clock, left, right, pair, invite } = badNetwork(random, () => 486);
    invite(60_000);
    expectEmpty(clock, left, right);
    const endings = pair.left.outputs.filter(
      (output) => output.kind === 'timeout' || (output.kind === 'response' && output.response.status === 486),
    );
    expect(endings).toHaveLength(1);
    const served = pair.right.outputsOf('request').length;
    expect(pair.right.outputsOf('ack').length + pair.right.outputsOf('no-ack').length).toBe(served);
  });
});

test('an INVITE cancelled at any moment ends once at both ends', () => {
  forEachSeed(seeds, (random) => {
    let cancelled = false;
    const { clock, left, right, pair, invite } = badNetwork(random, () => (cancelled ? 487 : 486));
    const answerLater = pair.right.onOutput;
    pair.right.onOutput = (output) => {
      if (output.kind === 'cancelled') cancelled = true;
      answerLater(output);
    };
    invite(random.below(6_000));
    expectEmpty(clock, left, right);
    const endings = pair.left.outputs.filter(
      (output) => output.kind === 'timeout' || (output.kind === 'response' && output.response.status >= 300),
    );
    expect(endings).toHaveLength(1);
    expect(pair.right.outputsOf('cancelled').length).toBeLessThanOrEqual(1);
  });
});

test('an accepted INVITE ends once at both ends, and each 2xx that comes can be acknowledged', () => {
  forEachSeed(seeds, (random) => {
    const { clock, left, right, pair, invite } = badNetwork(random, () => 200);
    pair.left.onOutput = (output) => {
      if (output.kind !== 'response' || output.response.status !== 200) return;
      pair.act(() => left.sendAck(clock.now, output.flow, sampleRequest('ACK')));
    };
    invite(60_000);
    expectEmpty(clock, left, right);
    const accepted = pair.left.outputsOf('response').filter(({ response }) => response.status === 200).length;
    expect(pair.left.sentNames.filter((name) => name === 'ACK')).toHaveLength(accepted);
    expect(accepted > 0).not.toBe(pair.left.outputsOf('timeout').length > 0);
  });
});
