import { artefactFolder, missingPrograms } from '@trustline/testing/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SippLab } from './sipp-lab.fixture.ts';
import { expectRequest, expectResponse, message, respond, scenario } from './sipp-scenario.fixture.ts';

const words = 'Meet me at the usual place';
const configuration = [
  'dialPlan:',
  '  - { to: lines, pattern: "1003", partition: board }',
  'textMessages: { maximumOctets: 200 }',
];

/** SIPp writes to SIPp (MESSAGE, RFC 3428). */
describe.skipIf(missingPrograms('sipp'))('SIPp writes', () => {
  let phones: SippLab;

  beforeAll(async () => {
    phones = await SippLab.start(artefactFolder('sipp-messages'), configuration, ['1002', '1003']);
  });
  afterAll(() => phones?.stop());

  const write = (text: string, status: number, number = '1002') =>
    phones.call(scenario(message(text, expectResponse(status))), { number });

  test('to a line: the other SIPp reads it, from whom the manager has proved', async () => {
    const reading = phones.wait(scenario(expectRequest('MESSAGE'), respond('200 OK')));
    expect(await write(words, 200)).toMatchObject({ exitCode: 0 });
    const { exitCode, messages } = await reading;
    expect(exitCode).toBe(0);
    expect(messages).toMatch(/^From: <sip:1001@127\.0\.0\.1>;tag=/m);
    expect(messages).toContain(words);
  });

  test('where it may not, and too much: 403 and 413 say why, and no event repeats it', async () => {
    const barred = await write(words, 403, '1003');
    expect(barred.exitCode).toBe(0);
    expect(barred.messages).toContain('no right to dial this number (partition board)');
    const long = await write(words.repeat(10), 413);
    expect(long.exitCode).toBe(0);
    expect(long.messages).toContain('A message may have 200 octets');
    expect(JSON.stringify(await phones.lab.events())).not.toContain(words);
  });
});
