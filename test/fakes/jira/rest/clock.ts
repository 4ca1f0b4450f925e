import { jiraTime } from '../render/time.ts';
import type { Handler } from './call.ts';

/** The site and its clock, in the site's own zone; anybody may ask. */
export const getServerInfo: Handler = (context) => ({
  status: 200,
  body: {
    baseUrl: context.url,
    displayUrl: context.url,
    version: '1001.0.0-SNAPSHOT',
    versionNumbers: [1001, 0, 0],
    deploymentType: 'Cloud',
    buildNumber: 100_290,
    serverTime: jiraTime(context.now(), context.options.timeZoneOffset),
    serverTitle: 'Jira',
  },
});
