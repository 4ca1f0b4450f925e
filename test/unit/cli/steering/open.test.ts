import { expect, test } from 'vitest';
import { actorFor } from '../../../../src/cli/steering/open.ts';
import { MisconfiguredError } from '../../../../src/domain/errors.ts';

const nameless = () => {
  throw new Error('A system error occurred: uv_os_get_passwd returned ENOENT');
};

test('who asked is the name that was given, else that of the account', () => {
  expect(actorFor({ actor: 'lena' }, nameless)).toBe('lena');
  expect(actorFor({}, () => 'root')).toBe('root');
});

test('an account without a name, as containers have it, is told what to do', () => {
  expect(() => actorFor({}, nameless)).toThrow(MisconfiguredError);
  expect(() => actorFor({}, nameless)).toThrow('--actor');
});
