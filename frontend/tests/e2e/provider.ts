/** A sign-in provider that only describes itself: what Weir asks for when it is tested. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export class Provider {
  private readonly server: Server;

  private constructor(server: Server) {
    this.server = server;
  }

  static async start(): Promise<Provider> {
    const server = createServer((request, answer) => {
      const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const told: Record<string, unknown> = {
        "/.well-known/openid-configuration": {
          issuer: at,
          authorization_endpoint: `${at}/authorize`,
          token_endpoint: `${at}/token`,
          jwks_uri: `${at}/keys`,
          response_types_supported: ["code"],
          subject_types_supported: ["public"],
          id_token_signing_alg_values_supported: ["EdDSA"],
        },
        "/keys": {
          keys: [
            {
              kty: "OKP",
              crv: "Ed25519",
              kid: "one",
              use: "sig",
              alg: "EdDSA",
              // The example of RFC 8037, appendix A.2.
              x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
            },
          ],
        },
      };
      const body = told[request.url ?? ""];
      answer.writeHead(body ? 200 : 404, { "Content-Type": "application/json" });
      answer.end(JSON.stringify(body ?? {}));
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    return new Provider(server);
  }

  get issuer(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server.close();
  }
}
