// Starts the emulator on a free loopback port, says where in one line, ends when stdin ends.
import { createEmulator } from "emulate";

const write = { actions: "write", contents: "write", deployments: "write", issues: "write", metadata: "read", pull_requests: "write" };
const app = (id, slug) => ({
  app_id: id,
  slug,
  name: slug,
  permissions: write,
  installations: [{ installation_id: id, account: "acme" }],
});

const github = await createEmulator({
  service: "github",
  port: 0,
  seed: {
    tokens: {
      "token-of-acme": { login: "acme", scopes: ["repo"] },
      "token-of-mallory": { login: "mallory", scopes: ["repo"] },
    },
    github: {
      users: [{ login: "acme" }, { login: "mallory" }],
      apps: [app(1, "github-actions"), app(2, "another-app")],
    },
  },
});

const keys = Object.fromEntries(github.generatedSecrets.map((secret) => [secret.id, secret.value]));
console.log(JSON.stringify({ url: github.url, keys }));
process.stdin.resume();
process.stdin.on("end", () => github.close().then(() => process.exit(0)));
