import { connect } from 'node:net';

/** What a server says to these bytes, sent as they are, until it closes the connection or resets it. */
export function say(port: number, text: string): Promise<string> {
  const heard: Buffer[] = [];
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('data', (chunk: Buffer) => heard.push(chunk));
    // Told by `close`, too.
    socket.on('error', () => {});
    socket.on('close', () => resolve(Buffer.concat(heard).toString()));
    socket.write(text);
  });
}
