import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Admission } from './admission.ts';

interface Member {
  readonly address: string;
  readonly number: number;
}

function door(limit: number, unproven = limit) {
  const admission = new Admission<Member>(limit, ({ address }) => address, unproven);
  let number = 0;
  const comes = (address: string) => {
    const leaves = admission.whoLeaves(address);
    if (leaves === 'full') return { leaves, member: undefined };
    if (leaves !== undefined) admission.remove(leaves);
    number += 1;
    const member = { address, number };
    admission.add(member);
    return { leaves, member };
  };
  return { admission, comes };
}

describe('who leaves where there is no more room', () => {
  test('a burst from one address pushes out its own, and no phone elsewhere, however long that is silent', () => {
    const { admission, comes } = door(100, 10);
    const phone = comes('192.0.2.7').member;
    const burst = Array.from({ length: 500 }, () => comes('198.51.100.1'));
    expect(burst.every(({ leaves }) => leaves !== phone)).toBe(true);
    expect(admission.members()).toContain(phone);
    expect(burst.at(-1)?.leaves).toMatchObject({ number: 492 }); // the oldest of its own
  });

  test('a host with a whole IPv6 network counts as one address (RFC 4291 §2.5.1)', () => {
    const { admission, comes } = door(100, 10);
    const phone = comes('2001:db8:1::7').member;
    for (let host = 1; host <= 200; host += 1) comes(`2001:db8:0:bad:${host.toString(16)}::1`);
    expect(admission.members()).toContain(phone);
  });

  test('where every address has one, the oldest of all leaves', () => {
    const { comes } = door(3);
    for (const host of [1, 2, 3]) comes(`192.0.2.${host}`);
    expect(comes('192.0.2.4').leaves).toMatchObject({ address: '192.0.2.1' });
    expect(comes('192.0.2.5').leaves).toMatchObject({ address: '192.0.2.2' });
  });

  test('who waits for its handshake leaves for nobody, but for one of an address that has fewer of them', () => {
    const { admission, comes } = door(5);
    const wait = (address: string) => {
      const { leaves, member } = comes(address);
      if (member !== undefined) admission.wait(member);
      return leaves;
    };
    for (let at = 0; at < 5; at += 1) wait('198.51.100.1');
    expect(wait('198.51.100.1')).toBe('full');
    expect(wait('192.0.2.7')).toMatchObject({ address: '198.51.100.1', number: 5 });
    expect(admission.members()).toHaveLength(5);
  });

  test('whatever comes and goes: never more than the limit, and who leaves is of an address that no other has more of', () => {
    const step = fc.record({ address: fc.integer({ min: 1, max: 4 }), act: fc.integer({ min: 0, max: 9 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { admission, comes } = door(8, 6);
        const unproven = new Set<Member>();
        for (const { address, act } of steps) {
          const before = [...unproven];
          const of = (share: string) => before.filter((member) => member.address === share).length;
          const { leaves, member } = comes(`192.0.2.${address}`);
          if (leaves !== undefined && leaves !== 'full') {
            unproven.delete(leaves);
            const most = Math.max(...[1, 2, 3, 4].map((host) => of(`192.0.2.${host}`)));
            expect(of(leaves.address)).toBeGreaterThanOrEqual(most - 1);
          }
          if (member !== undefined) unproven.add(member);
          const [oldest] = unproven;
          if (oldest !== undefined && act < 3) {
            unproven.delete(oldest);
            if (act === 0) admission.prove(oldest);
            else admission.remove(oldest);
          }
          expect(admission.size).toBeLessThanOrEqual(8);
        }
      }),
    );
  });
});
