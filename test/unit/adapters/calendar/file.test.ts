import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fileText, MAX_BYTES } from '../../../../src/adapters/calendar/file.ts';
import { PermanentError } from '../../../../src/domain/errors.ts';

let place = '';
let folder = '';

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'triage-calendar-'));
  folder = join(place, 'config');
  await mkdir(join(folder, 'calendars'), { recursive: true });
  await mkdir(join(place, 'config-secrets'));
  await writeFile(join(place, 'config-secrets', 'secret.ics'), 'secret');
  await writeFile(join(folder, 'calendars', '休假 Ann.ics'), 'Urlaub für Ann');
});
afterAll(() => rm(place, { recursive: true }));

describe('a calendar file', () => {
  test('is read from the config folder and the folders in it', async () => {
    expect(await fileText(folder, 'calendars/休假 Ann.ics')).toBe('Urlaub für Ann');
    expect(await fileText(folder, './calendars/../calendars/休假 Ann.ics')).toBe('Urlaub für Ann');
  });

  test('may be a link within the folder, as Kubernetes mounts them, and the folder a link itself', async () => {
    await symlink('calendars', join(folder, '..data'));
    await symlink(join('..data', '休假 Ann.ics'), join(folder, 'linked.ics'));
    await symlink(folder, join(place, 'mounted'));
    expect(await fileText(folder, 'linked.ics')).toBe('Urlaub für Ann');
    expect(await fileText(join(place, 'mounted'), 'linked.ics')).toBe('Urlaub für Ann');
  });

  test('outside of the folder is refused, whichever way it is reached', async () => {
    await symlink(join(place, 'config-secrets'), join(folder, 'out'));
    await symlink(join(place, 'config-secrets', 'secret.ics'), join(folder, 'out.ics'));
    for (const path of [
      '../config-secrets/secret.ics',
      'out.ics',
      'out/secret.ics',
      'calendars/../../config-secrets/secret.ics',
    ])
      await expect(fileText(folder, path)).rejects.toThrow('lies outside of the config folder');
  });

  test('named by an absolute path is looked for in the folder', async () => {
    await expect(fileText(folder, join(place, 'config-secrets', 'secret.ics'))).rejects.toThrow('there is no file');
  });

  test('that is missing, a folder, or larger than 5 MB is refused', async () => {
    await writeFile(join(folder, 'large.ics'), 'x'.repeat(MAX_BYTES + 1));
    await expect(fileText(folder, 'nowhere.ics')).rejects.toThrow(new PermanentError('there is no file nowhere.ics'));
    await expect(fileText(folder, 'calendars')).rejects.toThrow('calendars is not a file');
    await expect(fileText(folder, '.')).rejects.toThrow(PermanentError);
    await expect(fileText(folder, 'large.ics')).rejects.toThrow('larger than 5 MB');
    await expect(fileText(folder, 'a\0b')).rejects.toThrow(PermanentError);
    await expect(fileText(folder, 'x'.repeat(100_000))).rejects.toThrow(PermanentError);
  });
});
