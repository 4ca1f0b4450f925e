import { z } from 'zod';
import { lockedPackages, npm } from './npm.ts';

const Sbom = z.looseObject({
  bomFormat: z.literal('CycloneDX'),
  components: z.array(
    z.looseObject({ 'bom-ref': z.string(), name: z.string(), purl: z.string().startsWith('pkg:npm/') }),
  ),
  dependencies: z.array(z.looseObject({ ref: z.string(), dependsOn: z.array(z.string()).default([]) })),
});
export type Sbom = z.infer<typeof Sbom>;

/**
 * The bill of materials of what we ship, as CycloneDX. npm's own `--omit dev` drops packages that are needed for tests as
 * well, so it is asked for all of them, and the lockfile says which are for development alone.
 */
export async function billOfMaterials(): Promise<Sbom> {
  const { json, trouble } = await npm('sbom', '--sbom-format', 'cyclonedx');
  const parsed = Sbom.safeParse(json);
  if (!parsed.success) throw new Error(`npm sbom gave no CycloneDX (${trouble}); run npm ci first`);
  const tools = new Set(
    lockedPackages()
      .filter(({ dev }) => dev)
      .map(({ name, version }) => `${name}@${version}`),
  );
  const isShipped = (ref: string) => !tools.has(ref);
  const { components, dependencies, ...rest } = parsed.data;
  return {
    ...rest,
    components: components.filter((component) => isShipped(component['bom-ref'])),
    dependencies: dependencies
      .filter(({ ref }) => isShipped(ref))
      .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter(isShipped) })),
  };
}

if (import.meta.main) process.stdout.write(`${JSON.stringify(await billOfMaterials(), null, 2)}\n`);
