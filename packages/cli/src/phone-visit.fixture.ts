import { once } from 'node:events';
import { connect } from 'node:tls';
import type { ManagerClient } from '@trustline/manager/node';

type Kind = 'CTL' | 'ITL';

/** What a phone of a test has of its maker. */
const manufactured = new WeakMap<ManagerClient, Map<string, { readonly cert: string; readonly key: string }>>();

/** A phone fetches one of its lists by HTTP, as anybody may in its name. */
export async function fetchList(client: ManagerClient, device: string, kind: Kind): Promise<Uint8Array> {
  const response = await fetch(`http://127.0.0.1:${await portOf(client, 'HTTP')}/${kind}${device}.tlv`);
  if (response.status !== 200) throw new Error(`${device} was answered ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** A phone shows its MIC at the Trust Verification Service: it is there, whatever mode the cluster is in. */
export async function showMic(client: ManagerClient, device: string): Promise<void> {
  const known = manufactured.get(client) ?? new Map();
  manufactured.set(client, known);
  const made = known.get(device) ?? (await manufacture(client, device));
  known.set(device, made);
  const socket = connect({
    host: '127.0.0.1',
    port: await portOf(client, 'TVS'),
    rejectUnauthorized: false,
    maxVersion: 'TLSv1.2', // where the handshake ends with the word of the server
    ...made,
  });
  await once(socket, 'secureConnect');
  socket.destroy();
}

/** A phone starts: it fetches both lists and is seen. Resolves when the manager knows it to hold them, or does not. */
export async function startPhone(client: ManagerClient, device: string): Promise<readonly Uint8Array[]> {
  const lists = [await fetchList(client, device, 'CTL'), await fetchList(client, device, 'ITL')];
  await showMic(client, device);
  for (let tries = 0; tries < 40; tries += 1) {
    const phone = (await client.trust()).phones.find((one) => one.device === device);
    if (phone !== undefined && phone.given.length === 0 && phone.ctl !== null && phone.itl !== null) break;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return lists;
}

async function manufacture(client: ManagerClient, device: string) {
  const { certificatePem, privateKeyPem } = await client.manufacture(device);
  return { cert: certificatePem, key: privateKeyPem };
}

async function portOf(client: ManagerClient, service: 'HTTP' | 'TVS'): Promise<number> {
  const found = (await client.status()).provisioning.find((one) => one.service === service);
  if (found === undefined) throw new Error(`there is no ${service}`);
  return found.port;
}
