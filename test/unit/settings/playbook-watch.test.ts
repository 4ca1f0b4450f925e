import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { fingerprintOf, settledChange } from '../../../src/settings/playbook-watch.ts';

const root = mkdtempSync(join(tmpdir(), 'triage-watch-'));
afterAll(() => rmSync(root, { recursive: true }));

function folderWith(files: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(root, 'config-'));
  const write = (name: string, content: string) => {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), content);
  };
  for (const [name, content] of Object.entries(files)) write(name, content);
  return { folder, write };
}

describe('the fingerprint of a folder', () => {
  test('is the same as long as nothing is written', () => {
    const { folder } = folderWith({ 'playbook.yaml': 'a', 'taxonomies/category.yaml': 'b' });
    expect(fingerprintOf(folder)).toBe(fingerprintOf(folder));
  });

  test.each([
    ['playbook.yaml', 'other'],
    ['taxonomies/category.yaml', 'other'],
    ['new.yaml', ''],
    ['calibration/category.json', '{}'],
  ])('is another one when %s is written', (name, content) => {
    const { folder, write } = folderWith({ 'playbook.yaml': 'a', 'taxonomies/category.yaml': 'b' });
    const before = fingerprintOf(folder);
    write(name, content);
    expect(fingerprintOf(folder)).not.toBe(before);
  });

  test('is another one when a file is replaced by one of the same size', () => {
    const { folder, write } = folderWith({ 'playbook.yaml': 'projects: [IT]' });
    const before = fingerprintOf(folder);
    write('.draft', 'projects: [HR]');
    renameSync(join(folder, '.draft'), join(folder, 'playbook.yaml'));
    expect(fingerprintOf(folder)).not.toBe(before);
  });

  test('does not care for drafts of editors, nor for what Git keeps', () => {
    const { folder, write } = folderWith({ 'playbook.yaml': 'a' });
    const before = fingerprintOf(folder);
    write('.playbook.yaml.swp', 'x');
    write('playbook.yaml~', 'x');
    write('.git/HEAD', 'x');
    expect(fingerprintOf(folder)).toBe(before);
  });

  test('is another one when Kubernetes points ..data elsewhere', () => {
    const { folder, write } = folderWith({ '..1/playbook.yaml': 'a', '..1/prompts/triage.yaml': 'p' });
    symlinkSync('..1', join(folder, '..data'));
    symlinkSync('..data/playbook.yaml', join(folder, 'playbook.yaml'));
    symlinkSync('..data/prompts', join(folder, 'prompts'));
    const before = fingerprintOf(folder);
    expect(before).toContain('triage.yaml');
    write('..2/playbook.yaml', 'a');
    write('..2/prompts/triage.yaml', 'p');
    expect(fingerprintOf(folder)).toBe(before);
    symlinkSync('..2', join(folder, '..tmp'));
    renameSync(join(folder, '..tmp'), join(folder, '..data'));
    expect(fingerprintOf(folder)).not.toBe(before);
  });

  test('ends at links that lead nowhere or back to themselves or the folder, and where there is no folder', () => {
    const { folder } = folderWith({ 'playbook.yaml': 'a' });
    symlinkSync('nowhere', join(folder, 'teams.yaml'));
    symlinkSync('loop', join(folder, 'loop'));
    symlinkSync('.', join(folder, 'again'));
    symlinkSync('..gone', join(folder, '..data'));
    expect(fingerprintOf(folder)).toContain('teams.yaml gone');
    expect(fingerprintOf(join(folder, 'none'))).toBe('');
  });
});

describe('a change', () => {
  test('is told once, and only when two looks saw the same', () => {
    const { folder, write } = folderWith({ 'playbook.yaml': 'a' });
    const isChanged = settledChange(folder);
    expect([isChanged(), isChanged()]).toEqual([false, false]);
    write('playbook.yaml', 'ab');
    expect(isChanged()).toBe(false);
    write('teams.yaml', 'abc');
    expect(isChanged()).toBe(false);
    expect([isChanged(), isChanged()]).toEqual([true, false]);
  });

  test('that is taken back before it came to rest is none', () => {
    const { folder, write } = folderWith({ 'playbook.yaml': 'a' });
    const isChanged = settledChange(folder);
    write('teams.yaml', 'b');
    expect(isChanged()).toBe(false);
    rmSync(join(folder, 'teams.yaml'));
    expect([isChanged(), isChanged()]).toEqual([false, false]);
  });
});
