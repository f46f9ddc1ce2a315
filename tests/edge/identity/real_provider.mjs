// A certified OpenID provider (panva's oidc-provider) with one client and one person, for one test.
import { Provider } from "oidc-provider";

const [port, back] = process.argv.slice(2);
const left = new URL("/login", back).href;
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ client_id: "console", client_secret: "a+secret/with=signs", redirect_uris: [back], post_logout_redirect_uris: [left] }],
  pkce: { required: () => true },
  claims: { openid: ["sub", "roles"] },
  conformIdTokenClaims: false,
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, roles: ["ecluse-dpo", "other"] }) }),
});
provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
