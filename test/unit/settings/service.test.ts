import { expect, test } from 'vitest';
import { MisconfiguredError } from '../../../src/domain/errors.ts';
import { readService } from '../../../src/settings/service.ts';
import { ADMIN_TOKEN } from '../../support/env.ts';

test('names the service and its token, or neither', () => {
  expect(readService({ SERVICE_URL: 'http://localhost:8081', ADMIN_TOKEN })).toEqual({
    url: 'http://localhost:8081',
    adminToken: ADMIN_TOKEN,
  });
  expect(readService({ SERVICE_URL: '' })).toEqual({ url: null, adminToken: null });
});

test.each([{ SERVICE_URL: 'localhost:8080' }, { SERVICE_URL: 'file:///etc/passwd' }, { ADMIN_TOKEN: 'short' }])(
  'refuses %j',
  (env) => {
    expect(() => readService(env)).toThrow(MisconfiguredError);
  },
);
