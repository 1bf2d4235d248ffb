import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeFrame, type LinkFrame } from './frame.ts';
import { DataLink, type LinkOutput, linkParameters } from './link.ts';

/** Two ends and the wire between them, which loses what it is told to lose; a frame takes 5 ms. */
class Wire {
  now = 0;
  readonly ends = { user: new DataLink('user'), network: new DataLink('network') };
  readonly told: Record<'user' | 'network', LinkOutput[]> = { user: [], network: [] };
  #inFlight: { at: number; to: 'user' | 'network'; octets: Uint8Array }[] = [];
  lose: () => boolean = () => false;

  run(until: number): void {
    for (;;) {
      this.#collect();
      const dues = [
        ...this.#inFlight.map(({ at }) => at),
        this.ends.user.nextDeadline() ?? Number.POSITIVE_INFINITY,
        this.ends.network.nextDeadline() ?? Number.POSITIVE_INFINITY,
      ];
      const next = Math.min(...dues);
      if (next > until) break;
      this.now = Math.max(this.now, next);
      const arrived = this.#inFlight.filter(({ at }) => at <= this.now);
      this.#inFlight = this.#inFlight.filter(({ at }) => at > this.now);
      for (const { to, octets } of arrived) this.ends[to].receive(this.now, octets);
      for (const end of Object.values(this.ends)) end.timeout(this.now);
    }
    this.now = until;
  }

  received(end: 'user' | 'network'): number[] {
    return this.told[end].flatMap((one) => (one.kind === 'data' ? [one.information[0] ?? -1] : []));
  }

  kinds(end: 'user' | 'network'): string[] {
    return this.told[end].map((one) =>
      'by' in one ? `${one.kind} ${one.by}` : 'error' in one ? `error ${one.error}` : one.kind,
    );
  }

  #collect(): void {
    for (const [name, end] of Object.entries(this.ends) as ['user' | 'network', DataLink][]) {
      for (let output = end.poll(); output !== undefined; output = end.poll()) {
        if (output.kind !== 'transmit') this.told[name].push(output);
        else if (!this.lose()) {
          this.#inFlight.push({ at: this.now + 5, to: name === 'user' ? 'network' : 'user', octets: output.octets });
        }
      }
    }
  }
}

function established(): Wire {
  const wire = new Wire();
  wire.ends.user.establish(0);
  wire.run(100);
  return wire;
}

describe('establishment and release', () => {
  test('§5.5.1: one end asks, both are told', () => {
    const wire = established();
    expect([wire.kinds('user'), wire.kinds('network')]).toEqual([['established confirm'], ['established indication']]);
    wire.ends.network.release(wire.now);
    wire.run(200);
    expect([wire.kinds('user').at(-1), wire.kinds('network').at(-1)]).toEqual([
      'released indication',
      'released confirm',
    ]);
    expect([wire.ends.user.nextDeadline(), wire.ends.network.nextDeadline()]).toEqual([undefined, undefined]);
  });

  test('§5.5.4: both ask at once', () => {
    const wire = new Wire();
    wire.ends.user.establish(0);
    wire.ends.network.establish(0);
    wire.run(100);
    expect([wire.kinds('user'), wire.kinds('network')]).toEqual([['established confirm'], ['established confirm']]);
  });

  test('§5.5.1.3: nobody answers: N200 repetitions at T200, then management and layer 3 are told', () => {
    const wire = new Wire();
    let sent = 0;
    wire.lose = () => {
      sent += 1;
      return true;
    };
    wire.ends.user.establish(0);
    wire.run(linkParameters.T200 * (linkParameters.N200 + 1));
    expect(sent).toBe(1 + linkParameters.N200);
    expect(wire.kinds('user')).toEqual(['error G', 'released indication']);
  });

  test('asked for while it is being released, it comes after it', () => {
    const wire = established();
    wire.ends.user.release(wire.now);
    wire.ends.user.establish(wire.now);
    wire.run(300);
    expect(wire.kinds('user').slice(1)).toEqual(['released confirm', 'established confirm']);
    expect(wire.ends.user.state).toBe('established');
  });

  test('§5.5.2: an unsolicited DM asks to be called', () => {
    const link = new DataLink('user');
    link.receive(0, encodeFrame({ kind: 'DM', poll: false }, 'network'));
    expect(link.state).toBe('awaiting-establishment');
  });
});

describe('messages', () => {
  test('§5.6.1: no more than k are on their way, and the rest follow', () => {
    const link = new DataLink('user');
    link.establish(0);
    link.receive(0, encodeFrame({ kind: 'UA', poll: true }, 'network'));
    for (let i = 0; i < 20; i += 1) link.data(0, Uint8Array.of(i));
    const count = () => {
      let frames = 0;
      for (let output = link.poll(); output !== undefined; output = link.poll())
        if (output.kind === 'transmit') frames += 1;
      return frames;
    };
    expect(count()).toBe(1 + linkParameters.k);
    link.receive(0, encodeFrame({ kind: 'RR', command: false, receiveNumber: 3, poll: false }, 'network'));
    expect(count()).toBe(3);
  });

  test('more than the modulus go through in their order, both ways', () => {
    const wire = established();
    for (let i = 0; i < 250; i += 1) {
      wire.ends.user.data(wire.now, Uint8Array.of(i));
      wire.ends.network.data(wire.now, Uint8Array.of(i));
    }
    wire.run(5_000);
    const all = Array.from({ length: 250 }, (_, i) => i);
    expect([wire.received('user'), wire.received('network')]).toEqual([all, all]);
  });

  test('whatever is lost on the wire: they arrive once and in order, or the loss is told', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 200 }), fc.nat(60), (losses, count) => {
        const wire = established();
        const script = [...losses];
        wire.lose = () => script.pop() === true;
        for (let i = 0; i < count; i += 1) wire.ends.user.data(wire.now, Uint8Array.of(i));
        wire.ends.network.data(wire.now, Uint8Array.of(1));
        wire.run(600_000);
        const got = wire.received('network');
        expect(got).toEqual([...new Set(got)].sort((a, b) => a - b));
        const lossTold = [...wire.kinds('user').slice(1), ...wire.kinds('network').slice(1)].some((one) =>
          /^established|^released/.test(one),
        );
        if (!lossTold) expect(got).toHaveLength(count);
      }),
    );
  });

  test('§5.6.5: while the peer is busy nothing new is sent, and it is asked again and again', () => {
    const link = new DataLink('user');
    link.establish(0);
    link.receive(0, encodeFrame({ kind: 'UA', poll: true }, 'network'));
    link.receive(0, encodeFrame({ kind: 'RNR', command: true, receiveNumber: 0, poll: false }, 'network'));
    while (link.poll() !== undefined);
    link.data(0, Uint8Array.of(1));
    expect(link.poll()).toBeUndefined();
    link.timeout(linkParameters.T200);
    expect(link.poll()).toMatchObject({ kind: 'transmit' });
    link.receive(1_100, encodeFrame({ kind: 'RR', command: false, receiveNumber: 0, poll: true }, 'network'));
    expect(link.poll()).toMatchObject({ kind: 'transmit' });
  });

  test('§5.10: a silent link is asked after T203, and given up when it does not answer', () => {
    const wire = established();
    wire.run(60_000);
    expect(wire.ends.user.state).toBe('established');
    wire.lose = () => true;
    wire.run(120_000);
    expect(wire.kinds('user')).toEqual(['established confirm', 'error I', 'error G', 'released indication']);
  });

  test('what the link cannot take is refused', () => {
    const link = new DataLink('user');
    expect(link.data(0, Uint8Array.of(1))).toBe(false);
    const wire = established();
    expect(wire.ends.user.data(wire.now, new Uint8Array(261))).toBe(false);
  });
});

describe('§5.8: what cannot be is answered by a new establishment, and told to management', () => {
  test.each<[string, LinkFrame, string]>([
    ['N(R) beyond what was sent', { kind: 'RR', command: false, receiveNumber: 9, poll: false }, 'error J'],
    ['a frame reject', { kind: 'FRMR', poll: false, information: new Uint8Array(5) }, 'error K'],
    ['DM', { kind: 'DM', poll: false }, 'error E'],
    ['DM with F=1', { kind: 'DM', poll: true }, 'error B'],
  ])('%s', (_, frame, error) => {
    const wire = established();
    wire.ends.user.receive(wire.now, encodeFrame(frame, 'network'));
    expect(wire.ends.user.state).toBe('awaiting-establishment');
    wire.run(wire.now + 500);
    expect(wire.kinds('user')).toContain(error);
    expect(wire.ends.user.state).toBe('established');
  });

  test('any frames at any time leave a link that can be established', () => {
    const frames = fc.array(
      fc.uint8Array({ minLength: 1, maxLength: 6 }).map((octets) => Uint8Array.of(2, 1, ...octets)),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(frames, (all) => {
        const wire = new Wire();
        wire.ends.user.establish(0);
        all.forEach((octets, i) => {
          wire.ends.user.receive(i, octets);
          wire.ends.user.timeout(i);
        });
        wire.run(60_000);
        wire.ends.user.release(wire.now);
        wire.run(wire.now + 60_000);
        wire.ends.user.establish(wire.now);
        wire.run(wire.now + 1_000);
        expect(wire.ends.user.state).toBe('established');
      }),
    );
  });
});
