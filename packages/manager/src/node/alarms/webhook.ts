import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { resolve } from 'node:path';
import { eventLine, type SecurityEvent } from '@trustline/evidence';
import { readPassphrase } from '@trustline/pki/node';
import type { Configuration } from '../../configuration/schema.ts';
import { version } from '../../version.ts';
import type { Destination } from './destination.ts';

type WebhookConfiguration = NonNullable<Configuration['alarms']['webhook']>;

/** The version of what is posted. */
const WEBHOOK_SCHEMA = 1;
/** Time that an answer may take, in milliseconds. */
const patience = 10_000;

/** Alarms as JSON by HTTPS POST; any answer of 2xx has taken it. */
export function webhookDestination(configuration: WebhookConfiguration, base: string): Destination {
  const url = new URL(configuration.url);
  return {
    name: `webhook ${url.origin}`, // paths and queries of webhooks are secrets, more often than not
    async deliver(event) {
      const { authorizationFile, trustFile } = configuration;
      const authorization =
        authorizationFile === undefined ? {} : await authorizationOf(resolve(base, authorizationFile));
      await post(url, body(event), authorization, trustFile === undefined ? undefined : resolve(base, trustFile));
    },
    close: () => undefined,
  };
}

/** `text` is what chat programs show of a webhook. */
function body(event: SecurityEvent): string {
  return JSON.stringify({ schema: WEBHOOK_SCHEMA, node: event.node, text: eventLine(event), event });
}

async function authorizationOf(path: string): Promise<Readonly<Record<string, string>>> {
  const secret = await readPassphrase({ kind: 'file', path }, {});
  return secret === undefined ? {} : { authorization: secret.reveal() };
}

function post(
  url: URL,
  text: string,
  more: Readonly<Record<string, string>>,
  trustFile: string | undefined,
): Promise<void> {
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'user-agent': `Trustline/${version}`,
    ...more,
  };
  const ca = trustFile === undefined ? {} : { ca: readFileSync(trustFile, 'utf8') };
  const send = url.protocol === 'http:' ? httpRequest : httpsRequest;
  return new Promise((resolve, reject) => {
    const asked = send(url, { method: 'POST', headers, agent: false, timeout: patience, ...ca }, (response) => {
      response.resume();
      const { statusCode = 0 } = response;
      if (statusCode >= 200 && statusCode < 300) resolve();
      else reject(new Error(`it answered HTTP ${statusCode}`));
    });
    asked.once('timeout', () => asked.destroy(new Error('it does not answer')));
    asked.once('error', reject);
    asked.end(text);
  });
}
