import { makeTestCertificates, type TestCertificates } from '@trustline/testing';
import { beforeAll, expect, test } from 'vitest';
import { judgeServerCertificate } from './judge-server.ts';

const DAY = 86_400_000;
let certificates: TestCertificates;
beforeAll(async () => {
  certificates = await makeTestCertificates();
});

function judge(chain: readonly Uint8Array[], name: string, now = certificates.now) {
  return judgeServerCertificate(certificates.document.phoneTrustBundle, chain, name, now);
}

test.each(['localhost', 'LOCALHOST', '127.0.0.1', '::1', '0:0::0:1'])(
  'believes a call manager by its name %s',
  (name) => {
    const { certificate } = certificates.callManager.ecdsa;
    expect(judge([certificate.der], name)).toMatchObject({ accepted: true, subject: certificate.subject });
  },
);

test('refuses another name than the one connected to', () => {
  const chain = [certificates.callManager.rsa.certificate.der];
  expect(judge(chain, 'elsewhere.example')).toMatchObject({ code: 'wrong-name' });
  expect(judge(chain, '127.0.0.2')).toMatchObject({ code: 'wrong-name' });
});

test('refuses certificates that have ended or not begun, and none at all', () => {
  const chain = [certificates.callManager.ecdsa.certificate.der];
  expect(judge(chain, 'localhost', certificates.now + 20_000 * DAY)).toMatchObject({ accepted: false });
  expect(judge(chain, 'localhost', certificates.now - 2 * DAY)).toMatchObject({ code: 'not-yet-valid' });
  expect(judge([], 'localhost')).toMatchObject({ code: 'no-certificate' });
  expect(judge([Uint8Array.of(1, 2, 3)], 'localhost')).toMatchObject({ code: 'malformed-certificate' });
});

test("refuses a phone's certificate in a server's place, and strangers'", async () => {
  const device = await certificates.device('SEP001122334455');
  const selfSigned = await certificates.selfSignedDevice('localhost');
  expect(judge([device.certificate.der], 'localhost')).toMatchObject({ code: 'unknown-issuer' });
  expect(judge([selfSigned.certificate.der], 'localhost')).toMatchObject({ code: 'self-signed' });
});
