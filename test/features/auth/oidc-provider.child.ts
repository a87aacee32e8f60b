/** A real OpenID Connect provider for one client. Whoever signs in as NAME is NAME@corp.example, in the groups named behind the dot. */
import Provider from "oidc-provider";

const [redirectUri = "", portGiven = "0"] = process.argv.slice(2);
const port = Number(portGiven);
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: "chasqui",
      client_secret: "a client secret of the test",
      redirect_uris: [redirectUri],
      grant_types: ["authorization_code"],
    },
  ],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "groups"] },
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  findAccount: (_context, id) => {
    const [name = "", group = ""] = id.split(".");
    const email = name === "outside" ? "outside@elsewhere.example" : `${name}@corp.example`;
    return { accountId: id, claims: () => ({ sub: id, email, email_verified: name !== "unconfirmed", name, groups: [group] }) };
  },
});
provider.listen(port, "127.0.0.1", () => console.log("ready"));
