// A certified OpenID provider (panva's oidc-provider) with the console, one person and one program, for one test.
import { Provider } from "oidc-provider";

const [port, back, ended] = process.argv.slice(2);
const left = new URL("/login", back).href;
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ client_id: "console", client_secret: "a+secret/with=signs", redirect_uris: [back], post_logout_redirect_uris: [left],
    backchannel_logout_uri: ended, backchannel_logout_session_required: true },
    { client_id: "letters", client_secret: "secret", grant_types: ["client_credentials"], redirect_uris: [], response_types: [] }],
  features: {
    backchannelLogout: { enabled: true },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: (_, client) => (client?.clientId === "letters" ? "urn:ecluse" : undefined),
      getResourceServerInfo: () => ({
        scope: "", audience: "ecluse", accessTokenFormat: "jwt", jwt: { sign: { alg: "RS256" } },
      }),
    },
  },
  pkce: { required: () => true },
  claims: { openid: ["sub", "roles"] },
  conformIdTokenClaims: false,
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, roles: ["ecluse-dpo", "other"] }) }),
});
provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
