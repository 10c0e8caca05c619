// A real OpenID Connect provider (oidc-provider) for the tests of signing in from outside.
//
// It listens on a free port of the loopback and prints its issuer. Clients register themselves
// (POST /reg). Beside the protocol there are doors for tests: PUT /test/accounts/<login> sets what
// is told of somebody, POST /test/rotate replaces the signing keys, GET /test/counts tells how often
// which path was asked.
import { once } from 'node:events';
import { createServer } from 'node:http';

import { exportJWK, generateKeyPair } from 'jose';
import Provider from 'oidc-provider';

const accounts = new Map();
const counts = {};
const server = createServer();
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const issuer = `http://127.0.0.1:${server.address().port}`;

async function key(alg, kid) {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  return { ...(await exportJWK(privateKey)), kid, use: 'sig', alg };
}

// What outlives a change of keys; the program's own storage does not.
const stored = new Map();

class Storage {
  constructor(model) {
    this.model = model;
  }

  async upsert(id, payload) {
    stored.set(`${this.model} ${id}`, payload);
  }

  async find(id) {
    return stored.get(`${this.model} ${id}`);
  }

  async findByUid(uid) {
    return [...stored.values()].find((payload) => payload.uid === uid);
  }

  async consume(id) {
    (await this.find(id)).consumed = Math.floor(Date.now() / 1000);
  }

  async destroy(id) {
    stored.delete(`${this.model} ${id}`);
  }

  async revokeByGrantId(grantId) {
    for (const [id, payload] of stored) if (payload.grantId === grantId) stored.delete(id);
  }
}

let generation = 0;

async function provider() {
  generation += 1;
  const made = new Provider(issuer, {
    adapter: Storage,
    jwks: { keys: [await key('RS256', `rsa-${generation}`), await key('ES256', `ec-${generation}`)] },
    cookies: { keys: ['of no importance'] },
    features: { registration: { enabled: true }, devInteractions: { enabled: true } },
    pkce: { required: () => true },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'groups'] },
    conformIdTokenClaims: process.argv.includes('--claims-at-userinfo'),
    enabledJWA: { idTokenSigningAlgValues: ['RS256', 'ES256', 'HS256'] },
    async findAccount(_, id) {
      return { accountId: id, claims: async () => ({ ...accounts.get(id), sub: id }) };
    },
  });
  return made.callback();
}

let handle = await provider();

async function body(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return JSON.parse(Buffer.concat(parts).toString());
}

server.on('request', async (request, response) => {
  const { pathname } = new URL(request.url, issuer);
  counts[pathname] = (counts[pathname] ?? 0) + 1;
  if (pathname.startsWith('/test/accounts/')) {
    accounts.set(pathname.slice('/test/accounts/'.length), await body(request));
    response.end();
  } else if (pathname === '/test/rotate') {
    handle = await provider();
    response.end();
  } else if (pathname === '/test/counts') {
    response.end(JSON.stringify(counts));
  } else {
    handle(request, response);
  }
});

console.log(issuer);
// Whoever started it is gone when its input ends.
process.stdin.on('end', () => process.exit());
process.stdin.resume();
