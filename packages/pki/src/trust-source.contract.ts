import { beforeAll, describe, expect, test } from 'vitest';
import type { Certificate } from './certificate.ts';
import { judgeDeviceCertificate, judgeOperatorCertificate } from './judge.ts';
import { findPath } from './path.ts';
import type { TrustSource } from './trust-source.ts';

/** A trust source to be tested, with certificates about which its answers are known. Times: epoch milliseconds. */
export interface TrustSourceSetup {
  readonly trust: TrustSource;
  readonly now: number;
  /** A believed LSC, and the device it proves. */
  readonly device: { readonly name: string; readonly certificate: Certificate };
  /** A believed MIC of the same device. */
  readonly manufacturerInstalled: Certificate;
  readonly operator: { readonly name: string; readonly certificate: Certificate };
  /** A certificate of an outside CA that is pinned to a device, and another of that same CA that is not. */
  readonly pinned: { readonly device: string; readonly certificate: Certificate; readonly sibling: Certificate };
  /** An LSC of the believed CAPF CA that was revoked. */
  readonly revoked: Certificate;
  /** A server certificate of the call manager. */
  readonly callManager: Certificate;
}

/** What every trust source keeps to, whichever document it reads: run it over each implementation. */
export function describeTrustSource(name: string, setup: () => Promise<TrustSourceSetup>): void {
  describe(`${name} answers every question of trust`, () => {
    let given: TrustSourceSetup;
    beforeAll(async () => {
      given = await setup();
    });

    test('an LSC proves its device', () => {
      const { trust, now, device } = given;
      expect(judgeDeviceCertificate(trust, [device.certificate.der], now)).toMatchObject({
        accepted: true,
        device: device.name,
        means: 'LSC',
      });
    });

    test('a MIC enrols its device, and registers it only when policy says so', () => {
      const { trust, now, device, manufacturerInstalled } = given;
      const chain = [manufacturerInstalled.der];
      expect(judgeDeviceCertificate(trust, chain, now, { purpose: 'enrolment' })).toMatchObject({
        accepted: true,
        device: device.name,
        means: 'MIC',
      });
      expect(judgeDeviceCertificate(trust, chain, now).accepted).toBe(trust.registrationProofs().includes('MIC'));
    });

    test('devices never pass for operators, nor operators for devices', () => {
      const { trust, now, device, manufacturerInstalled, operator } = given;
      expect(judgeOperatorCertificate(trust, [operator.certificate.der], now)).toMatchObject({
        accepted: true,
        operator: operator.name,
      });
      for (const certificate of [device.certificate, manufacturerInstalled]) {
        expect(judgeOperatorCertificate(trust, [certificate.der], now).accepted).toBe(false);
      }
      for (const purpose of ['registration', 'enrolment'] as const) {
        expect(judgeDeviceCertificate(trust, [operator.certificate.der], now, { purpose }).accepted).toBe(false);
      }
    });

    test("a pinned certificate proves its device; its authority's other certificates prove nothing", () => {
      const { trust, now, pinned } = given;
      expect(judgeDeviceCertificate(trust, [pinned.certificate.der], now)).toMatchObject({
        accepted: true,
        device: pinned.device,
        means: 'pinned',
      });
      expect(judgeDeviceCertificate(trust, [pinned.sibling.der], now).accepted).toBe(false);
      expect(trust.pinsOf(pinned.device).map(({ fingerprint }) => fingerprint)).toContain(
        pinned.certificate.fingerprint,
      );
    });

    test('a revoked certificate proves nothing', () => {
      const { trust, now, revoked } = given;
      expect(judgeDeviceCertificate(trust, [revoked.der], now)).toMatchObject({ accepted: false, code: 'revoked' });
    });

    test('phones can verify the call manager with their bundle, and nothing in it vouches for devices', () => {
      const { trust, now, callManager } = given;
      const bundle = trust.phoneTrustBundle();
      expect(findPath(callManager, [], bundle, now, false).found).toBe(true);
      const forDevices = [...trust.issuersFor('locally-significant'), ...trust.issuersFor('manufacturer')];
      for (const issuer of forDevices) {
        expect(bundle.map(({ subjectHash }) => subjectHash)).not.toContain(issuer.subjectHash);
      }
    });

    test('the issuers of devices, operators and call managers are different authorities', () => {
      const { trust } = given;
      const purposes = ['locally-significant', 'manufacturer', 'operator', 'callmanager'] as const;
      const keys = purposes.flatMap((purpose) => [
        ...new Set(trust.issuersFor(purpose).map(({ publicKey }) => publicKey.export({ type: 'spki', format: 'pem' }))),
      ]);
      expect(new Set(keys).size).toBe(keys.length);
    });

    test('the security mode is one of the two', () => {
      const { trust } = given;
      expect(['mixed', 'non-secure']).toContain(trust.securityMode());
    });
  });
}
