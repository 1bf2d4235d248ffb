/** A `trustline.yaml` to begin with: what was chosen, and what people change first. */
export function firstDocument({
  dataFolder,
  cluster,
  hosts,
}: {
  readonly dataFolder: string;
  readonly cluster: string;
  readonly hosts: readonly string[];
}): string {
  const reached = hosts.length === 0 ? '  # hosts: [voice.example.net]' : `  hosts: ${JSON.stringify(hosts)}`;
  return `# The call manager's configuration. Every key, with its default: docs/configuration.md.
# What is wrong with it: trustline config check

# Where keys, devices, trust lists and records are kept (mode 0700). Back it up: trustline backup
dataFolder: ${JSON.stringify(dataFolder)}

# What it is called, and the names by which phones and operators reach it; they stand in its certificates.
identity:
  cluster: ${JSON.stringify(cluster)}
${reached}
  # The keys on the disk are encrypted when a passphrase is given, here or in TRUSTLINE_PASSPHRASE.
  # passphraseFile: passphrase

# Where phones fetch what they need before they call. TFTP on port 69 needs the right to it: docs/how-to/run-as-a-service.md
# provisioning:
#   tftpPort: 6969

# Operators and the CTL client on other machines: trustline operator add NAME --role trust-officer --out FOLDER
# api:
#   https: { host: 0.0.0.0, port: 5443 }
`;
}
