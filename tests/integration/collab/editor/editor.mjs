// An editor as small as can be: y-websocket as its authors publish it, told what to do on standard
// input, one JSON a line, and answering each on standard output.
import { createInterface } from 'node:readline';
import WebSocket from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';

const [url, token] = process.argv.slice(2);
const doc = new Y.Doc();
class Authorised extends WebSocket {
  constructor(address, protocols) {
    super(address, protocols, { headers: { Authorization: `Bearer ${token}` } });
  }
}
const provider = new WebsocketProvider(url, 'collab', doc, {
  WebSocketPolyfill: Authorised,
  disableBc: true,
  connect: false,
});
let closed = null;
provider.on('connection-close', (event) => {
  closed = event?.code ?? null;
});
provider.on('closed', (event) => {
  closed = event?.code ?? closed;
});

const nodes = doc.getMap('nodes');
const told = {
  connect: () => provider.connect(),
  disconnect: () => provider.disconnect(),
  set: ({ node, key, value }) => nodes.get(node).set(key, value),
  add: ({ node, config }) =>
    doc.transact(() => {
      const made = new Y.Map();
      const fields = new Y.Map();
      for (const [key, text] of Object.entries(config)) fields.set(key, new Y.Text(text));
      made.set('type', 'set');
      made.set('position', { x: 3, y: 4.5 });
      made.set('config', fields);
      made.set('retry', new Y.Map());
      nodes.set(node, made);
    }),
  type: ({ node, field, at, text }) => nodes.get(node).get('config').get(field).insert(at, text),
  remove: ({ node }) => nodes.delete(node),
  cursor: ({ x, y }) => provider.awareness.setLocalStateField('cursor', { x, y }),
  look: () => {},
};

createInterface({ input: process.stdin }).on('line', (line) => {
  const asked = JSON.parse(line);
  let error = null;
  try {
    told[asked.do](asked);
  } catch (failed) {
    error = String(failed);
  }
  process.stdout.write(
    `${JSON.stringify({
      error,
      closed,
      synced: provider.synced,
      connected: provider.wsconnected,
      nodes: nodes.toJSON(),
      vector: Buffer.from(Y.encodeStateVector(doc)).toString('base64'),
      update: Buffer.from(Y.encodeStateAsUpdate(doc)).toString('base64'),
      states: [...provider.awareness.getStates().entries()],
    })}\n`,
  );
});
