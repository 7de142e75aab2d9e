import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Duplex } from 'node:stream';
import ssh2 from 'ssh2';
import type { Lab } from '../../lab/lab.ts';

/** A connection to a host of a lab as an operator's tools make it: the lab's key, host keys checked. */
export async function overSsh(lab: Lab, name: string) {
  const address = lab.host(name).address;
  const known = (await readFile(lab.knownHosts, 'utf8')).split('\n').map((line) => line.split(' '));
  const keys = known.filter(([names]) => names?.split(',').includes(address)).map(([, , key]) => key);
  const client = new ssh2.Client();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  client.once('ready', resolve);
  client.once('error', reject);
  client.connect({
    host: address,
    username: lab.sshUser,
    privateKey: await readFile(lab.sshKey),
    hostVerifier: (key: Buffer) => keys.includes(key.toString('base64')),
  });
  await promise;

  const open = (path: string) =>
    new Promise<Duplex>((done, fail) => {
      client.openssh_forwardOutStreamLocal(path, (error, stream) => (error ? fail(error) : done(stream)));
    });
  return {
    client,
    /** Runs a command line in the host's login shell and returns its output. */
    exec: async (line: string): Promise<string> => {
      const stream = await new Promise<ssh2.ClientChannel>((done, fail) => {
        client.exec(line, (error, channel) => (error ? fail(error) : done(channel)));
      });
      return text(stream);
    },
    /** GETs a path of the API of the engine behind a socket of the host. */
    get: async (socketPath: string, path: string): Promise<unknown> => {
      const stream = await open(socketPath);
      const answer = Promise.withResolvers<string>();
      const asked = request(
        { path, headers: { Host: 'docker' }, createConnection: () => stream },
        (response) => {
          text(response).then(answer.resolve, answer.reject);
        },
      );
      asked.on('error', answer.reject);
      asked.end();
      return JSON.parse(await answer.promise);
    },
  };
}
