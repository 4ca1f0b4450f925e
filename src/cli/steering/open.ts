import { userInfo } from 'node:os';
import { FolderInUseError } from '../../adapters/pglite/folder-lock.ts';
import type { Steering } from '../../admin/steering.ts';
import { type SteeringParts, steering } from '../../compose/steering/steering.ts';
import { type Context, compose } from '../../compose.ts';
import { MisconfiguredError } from '../../domain/errors.ts';
import { receiver } from '../../intake/receive.ts';
import { settingsFromProcess } from '../../settings/env.ts';
import { serviceFromProcess } from '../../settings/service.ts';
import { remoteSteering } from './remote/service.ts';

/** What every command of this kind takes. */
export interface SteeringOptions {
  /** Address of the running service; absent: as the environment says, else its data is opened here. */
  readonly service?: string;
  readonly actor?: string;
}

export interface OpenSteering extends AsyncDisposable {
  readonly steering: Steering;
  /** A running service does it; else this process. */
  readonly isRemote: boolean;
}

/** How this process makes undos itself. */
export type CarryOut = (undos: Parameters<SteeringParts['carryOut']>[0], context: Context) => Promise<void>;

/** Asks the service where one is named, else opens its parts. Throws `MisconfiguredError` saying which of them to do. */
export async function openSteering({ service }: SteeringOptions, carryOut: CarryOut): Promise<OpenSteering> {
  const access = serviceFromProcess();
  const url = service ?? access.url;
  if (url === null) return openHere(carryOut);
  if (access.adminToken === null)
    throw new MisconfiguredError([`ADMIN_TOKEN is missing: ${url} asks for the token it was started with`]);
  return {
    steering: remoteSteering({ url, adminToken: access.adminToken }),
    isRemote: true,
    [Symbol.asyncDispose]: async () => {},
  };
}

/** Who is on record: the name given, else that of the account. Throws `MisconfiguredError` where it has none. */
export function actorFor({ actor }: SteeringOptions, accountName = () => userInfo().username): string {
  if (actor !== undefined) return actor;
  try {
    return accountName();
  } catch (cause) {
    // Containers run under numbers that no name belongs to.
    throw new MisconfiguredError(['this account has no name: say who asks, with --actor'], { cause });
  }
}

/** Prints lines for whoever runs the command. */
export function tell(lines: readonly string[]): void {
  for (const line of lines) process.stdout.write(`${line}\n`);
}

async function openHere(carryOut: CarryOut): Promise<OpenSteering> {
  const context = await composeHere();
  const { ledger, publisher, settings } = context;
  return {
    steering: steering({
      ...context,
      site: new URL(settings.jira.url).host,
      areWritesOn: settings.areWritesOn,
      retentionDays: settings.storage.retentionDays,
      publish: publisher.publish,
      receive: receiver({ ledger, publish: publisher.publish }),
      carryOut: (undos) => carryOut(undos, context),
    }),
    isRemote: false,
    [Symbol.asyncDispose]: () => context[Symbol.asyncDispose](),
  };
}

async function composeHere(): Promise<Context> {
  try {
    return await compose({ ...settingsFromProcess(), logLevel: 'warn' });
  } catch (cause) {
    if (!(cause instanceof FolderInUseError)) throw cause;
    const hint = 'If that is the running service, let it do this: add --service http://localhost:8081';
    throw new MisconfiguredError([...cause.faults, hint], { cause });
  }
}
