import { expect, test } from 'vitest';
import { unanswered } from './target.ts';

const because = (code: string) => Object.assign(new Error(code), { code });
const target = { kind: 'socket', path: '/data/api.sock' } as const;

test('a socket at which nobody listens is of a manager that starts, or was killed: the first question is whether it runs', () => {
  const { code, message, nextStep } = unanswered(target, because('ECONNREFUSED'));
  expect([code, message]).toEqual([
    'manager.not-running',
    'No manager answers at /data/api.sock: it starts at the moment, or has ended.',
  ]);
  expect(nextStep).toMatch(/^See whether it runs: systemctl status trustline/);
});

test('without a socket there is none', () => {
  expect(unanswered(target, because('ENOENT')).nextStep).toMatch(/^Start one with: npm start/);
});
