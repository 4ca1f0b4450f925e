/** The least that jira.js takes for Jira, run as a process of its own: one small issue, and every edit is fine. */
import { createServer } from 'node:http';

const issue = JSON.stringify({
  id: '10001',
  key: 'IT-1',
  fields: { summary: 'VPN', status: { name: 'Open' }, labels: [] },
});
const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    if (request.method === 'GET') response.setHeader('content-type', 'application/json').end(issue);
    else response.writeHead(204).end();
  });
}).listen(0, '127.0.0.1', () => process.send?.(server.address()));
