import { z } from 'zod';
import { broken, type Check, holds, notHere, type Result, type Section, without } from '../checklist.ts';
import { fileJson, isForOthers, lockedPackages, npm, type Package } from './npm.ts';
import { billOfMaterials } from './sbom.ts';

const REGISTRY = 'https://registry.npmjs.org/';

const Manifest = z.looseObject({ allowScripts: z.record(z.string(), z.boolean()).default({}) });
const Audit = z.looseObject({
  metadata: z.looseObject({ vulnerabilities: z.looseObject({ high: z.number(), critical: z.number() }) }),
});
const Signatures = z.looseObject({ invalid: z.array(z.unknown()), missing: z.array(z.unknown()) });

/** What we install, and who says that it is what it should be. */
export async function packages(): Promise<Section> {
  return { title: 'Packages', checks: CHECKS, [Symbol.asyncDispose]: async () => {} };
}

const CHECKS: readonly Check[] = [
  {
    name: 'packages run scripts at installation only where package.json allows it, one by one',
    run: async () => {
      const { allowScripts } = Manifest.parse(fileJson('package.json'));
      const asking = lockedPackages().filter(({ hasInstallScript }) => hasInstallScript);
      const undecided = asking.filter(({ name }) => allowScripts[name] === undefined);
      return without(namesOf(undecided), 'Decide in allowScripts of package.json: npm install-scripts ls shows them.');
    },
  },
  {
    name: 'no version is taken that is younger than three days',
    run: async () => {
      const days = Number((await npm('config', 'get', 'min-release-age')).output);
      if (days >= 3) return holds(`${days} days`);
      return notHere('a setting of who adds packages: npm config set min-release-age 3. npm ci takes what is locked');
    },
  },
  { name: 'every package is signed by the registry (npm audit signatures)', run: signed },
  { name: 'no package that we ship has a known fault of high severity (npm audit)', run: audited },
  {
    name: 'the lockfile has no other source than the registry over https, and a checksum of each package that we ship',
    run: async () => {
      const all = lockedPackages();
      const elsewhere = all.filter(({ resolved = REGISTRY }) => !resolved.startsWith(REGISTRY));
      const unknown = all.filter((it) => !hasChecksum(it) && !isForOthers(it));
      const fix = 'Remove them from package-lock.json and run npm install.';
      return without(namesOf([...elsewhere, ...unknown]), fix, `${all.length} packages`);
    },
  },
  {
    name: 'and a checksum of each optional one for other platforms',
    run: async () => {
      const unknown = lockedPackages().filter((it) => isForOthers(it) && !hasChecksum(it)).length;
      if (unknown === 0) return holds();
      return notHere(
        `the registry that the lockfile was made with lacks ${unknown}; npm install adds it where it has them`,
      );
    },
  },
  {
    name: 'the bill of materials (npm run sbom) names every package that we ship, and no tool of ours',
    run: async () => {
      const { components } = await billOfMaterials();
      const named = new Set(components.map((component) => component['bom-ref']));
      const all = lockedPackages().filter((it) => !isForOthers(it) && !it.optional);
      const missing = all.filter(({ dev, name, version }) => !dev && !named.has(`${name}@${version}`));
      const extra = all.filter(({ dev, name, version }) => dev && named.has(`${name}@${version}`));
      const fix = 'Run npm ci; then look at test/security/packages/sbom.ts.';
      return without(namesOf([...missing, ...extra]), fix, `${components.length} packages`);
    },
  },
];

async function signed(): Promise<Result> {
  const { json, trouble } = await npm('audit', 'signatures', '--json');
  const parsed = Signatures.safeParse(json);
  if (!parsed.success) return notHere(`the registry does not answer it (${trouble})`);
  const bad = [...parsed.data.invalid, ...parsed.data.missing].map((one) => JSON.stringify(one).slice(0, 100));
  return without(bad, 'Do not install; compare with the registry.');
}

async function audited(): Promise<Result> {
  const { json, trouble } = await npm('audit', '--omit=dev', '--audit-level=high', '--json');
  const parsed = Audit.safeParse(json);
  if (!parsed.success) return notHere(`the registry does not answer it (${trouble})`);
  const { high, critical } = parsed.data.metadata.vulnerabilities;
  const fix = `${high} high, ${critical} critical: npm audit --omit=dev shows which, and what mends them`;
  return high + critical === 0 ? holds() : broken(fix);
}

function hasChecksum({ integrity = '' }: Package): boolean {
  return integrity.startsWith('sha512-');
}

function namesOf(all: readonly Package[]): readonly string[] {
  return all.map(({ name, version }) => `${name}@${version}`);
}
