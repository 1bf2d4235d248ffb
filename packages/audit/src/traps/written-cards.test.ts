import { nodeCrypto } from '@trustline/srtp/node';
import { expect, describe as group, test } from 'vitest';
import { Audit } from '../audit.ts';
import { cardsInText, maskCardsInText } from '../signal/card-text.ts';
import { alice, bob, CaptureScript, describe } from './capture-script.fixture.ts';

const card = '4111111111111111';
const plain = ['Content-Type: text/plain'];

/** A call, during which something more is said. */
function reportWith(say: (script: CaptureScript) => void, isRevealed = false) {
  const script = new CaptureScript();
  say(script);
  script.answered(describe(alice), describe(bob));
  script.over();
  const audit = new Audit({ crypto: nodeCrypto });
  for (const packet of script.packets()) audit.handle(packet);
  audit.end();
  return audit.report({ madeAt: '2026-01-01T00:00:00.000Z', toolVersion: '0.0.0', captures: [], isRevealed });
}

const renamed = (script: CaptureScript) => {
  const calledBy = { ...alice, name: `card-${card}` };
  script.sip(calledBy, bob, 'INVITE sip:bob@example.com SIP/2.0', '1 INVITE', describe(alice));
};
const dialled = (script: CaptureScript) => {
  script.sip(alice, { ...bob, name: card }, `INVITE sip:${card}@example.com SIP/2.0`, '1 INVITE', describe(alice));
};
const subject = (script: CaptureScript) => {
  const headers = [`Subject: pay with ${card}`];
  script.sip(alice, bob, 'INVITE sip:bob@example.com SIP/2.0', '1 INVITE', describe(alice), headers);
};
const info = (script: CaptureScript) => {
  script.sip(alice, bob, 'INVITE sip:bob@example.com SIP/2.0', '1 INVITE', describe(alice));
  const headers = ['Content-Type: application/json'];
  script.sip(alice, bob, 'INFO sip:bob@example.com SIP/2.0', '2 INFO', `{"pan":"${card}"}`, headers);
};

group('a card number that was written', () => {
  test.each([
    ['as the name of the caller', renamed],
    ['as the number that was called', dialled],
    ['in the subject', subject],
    ['in the body of an INFO that is not understood', info],
  ])('%s is found in the call, and masked in the whole report', (_, say) => {
    const report = reportWith(say);
    expect(report.calls[0]?.findings.map(({ code }) => code)).toContain('card-number-heard');
    expect(JSON.stringify(report)).not.toContain(card);
  });

  test('in a MESSAGE of no call is found in the network', () => {
    const report = reportWith((script) => {
      script.callId = 'message@192.0.2.10';
      script.sip(alice, bob, 'MESSAGE sip:bob@example.com SIP/2.0', '1 MESSAGE', 'it is 4111 1111 1111 1111', plain);
      script.callId = 'first-call@192.0.2.10';
    });
    expect(report.findings.map(({ code }) => code)).toContain('card-number-heard');
    expect(report.calls[0]?.findings.map(({ code }) => code)).not.toContain('card-number-heard');
  });

  test('is shown to who asks for it', () => {
    expect(JSON.stringify(reportWith(dialled, true))).toContain(card);
  });
});

test('numbers of telephones, times and identities are not taken for cards', () => {
  const telephone = '+491234567890123';
  for (const text of [telephone, '2026-01-01T00:00:00.000Z', '4111111111111112', '192.0.2.10:5060']) {
    expect(cardsInText(text)).toEqual([]);
    expect(maskCardsInText(text)).toBe(text);
  }
  expect(maskCardsInText('sip:4111111111111111@x')).toBe('sip:••••••••••••••11@x');
});
