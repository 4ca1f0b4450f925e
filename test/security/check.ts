import { type Section, tell } from './checklist.ts';
import { elsewhere } from './elsewhere.ts';
import { packages } from './packages/packages.ts';
import { reach } from './reach.ts';
import { repository } from './repository.ts';
import { doors } from './service/doors.ts';
import { effects } from './service/effects.ts';
import { start } from './service/start.ts';

/**
 * The security checklist: a line for each rule. ✔ it holds, ✗ it does not and this is what to do, – it cannot be looked at
 * on this machine. Ends with 1 when a rule does not hold. Nothing is changed, and only the registry is asked outside.
 */
const SECTIONS: readonly (() => Promise<Section>)[] = [packages, repository, start, doors, effects, reach, elsewhere];

let faults = 0;
for (const open of SECTIONS) faults += await tell(open);
process.stdout.write(faults === 0 ? '\nall that can be looked at here holds\n' : `\n${faults} do not hold\n`);
process.exit(faults === 0 ? 0 : 1);
