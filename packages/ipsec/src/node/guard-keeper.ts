import { execFile } from 'node:child_process';
import { IpsecError } from '../error.ts';
import { guardNormalForm, readGuard } from '../guard/reading.ts';
import { type GuardPlan, guardScript, removalScript } from '../guard/ruleset.ts';
import type { GuardReading } from '../proof.ts';
import { NftSession } from './nft-session.ts';

const NFT_TIMEOUT_MS = 2_000;

/** Installs the guard by nft and reads it back. */
export class GuardKeeper {
  readonly #networkNamespace: string | undefined;
  readonly #session: NftSession;
  #installed: { readonly plan: GuardPlan; readonly normalForm: string } | undefined;

  /** `networkNamespace` as for the daemon. */
  constructor(networkNamespace?: string) {
    this.#networkNamespace = networkNamespace;
    this.#session = new NftSession(networkNamespace);
  }

  /** Puts the guard in place of an older one, in one step. Throws `ipsec.guard`. */
  async install(plan: GuardPlan): Promise<void> {
    await this.#run(guardScript(plan));
    const listing = await this.#session.list(plan.table);
    const normalForm = listing === undefined ? undefined : guardNormalForm(listing);
    if (normalForm === undefined) throw unusable('The guard was installed and cannot be read back');
    this.#installed = { plan, normalForm };
    const reading = readGuard(plan, listing, normalForm);
    if (!reading.inPlace) throw unusable(`The guard was installed and is not whole: ${reading.problem}`);
  }

  /** What the guard is now. Never throws: a guard that cannot be read is not in place. */
  async read(): Promise<GuardReading> {
    if (this.#installed === undefined) return { inPlace: false, problem: 'it was not installed' };
    const { plan, normalForm } = this.#installed;
    try {
      return readGuard(plan, await this.#session.list(plan.table), normalForm);
    } catch (error) {
      return { inPlace: false, problem: error instanceof IpsecError ? error.message : 'nft cannot be run' };
    }
  }

  /** Takes it away; to be done last, when the tunnels are gone and nothing will be sent any more. */
  async remove(): Promise<void> {
    if (this.#installed === undefined) return;
    await this.#run(removalScript(this.#installed.plan.table));
    this.#installed = undefined;
  }

  /** Ends what was started for the reading; the guard itself stays where it is. */
  close(): void {
    this.#session.close();
  }

  async #run(script: string): Promise<void> {
    const within = this.#networkNamespace === undefined ? [] : ['ip', 'netns', 'exec', this.#networkNamespace];
    const [command = 'nft', ...parameters] = [...within, 'nft', '-f', '-'];
    await new Promise<void>((resolve, reject) => {
      const child = execFile(command, parameters, { timeout: NFT_TIMEOUT_MS }, (error, _, complaint) => {
        if (error === null) resolve();
        else reject(unusable('nft refused', complaint.trim() === '' ? error.message : complaint.trim()));
      });
      child.stdin?.on('error', () => {});
      child.stdin?.end(script);
    });
  }
}

function unusable(message: string, detail?: string): IpsecError {
  return new IpsecError('ipsec.guard', detail === undefined ? message : `${message}: ${detail.split('\n')[0]}`, {
    nextStep: 'install nftables, and run this with the rights of the administrator (CAP_NET_ADMIN)',
    ...(detail === undefined ? {} : { detail }),
  });
}
