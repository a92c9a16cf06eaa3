import { once } from 'node:events'
import { createServer } from 'node:http'
import { Provider } from 'oidc-provider'

/**
 * A real identity provider of OpenID Connect with one client, for tests: ESM, so a process of its own. Told by message who is
 * sitting at the browser, it logs them in without asking. Its configuration comes as the first argument, in JSON.
 */
const { clientId, clientSecret, redirectUrl } = JSON.parse(process.argv[2])
let subject = 'nobody'
/** how they showed it (RFC 8176); undefined: it says nothing of that */
let amr

// Kept longer than its callers keep one, as server/serve.ts explains.
const server = createServer({ keepAliveTimeout: 75_000 }).listen(0, '127.0.0.1')
await once(server, 'listening')
const issuer = `http://127.0.0.1:${server.address().port}`

const provider = new Provider(issuer, {
  clients: [
    { client_id: clientId, client_secret: clientSecret, redirect_uris: [redirectUrl], response_types: ['code'] },
  ],
  pkce: { required: () => true },
  findAccount: (_, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
  // so that `amr` stands in the ID token without being asked for, as banks' providers have it
  claims: { openid: ['sub', 'amr'] },
  conformIdTokenClaims: false,
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_, { uid }) => `/interaction/${uid}` },
  cookies: { keys: ['for tests alone'] },
  async loadExistingGrant({ oidc }) {
    const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId })
    grant.addOIDCScope('openid')
    await grant.save()
    return grant
  },
})

server.on('request', (request, response) => {
  if (!request.url.startsWith('/interaction/')) return provider.callback()(request, response)
  return provider.interactionFinished(request, response, { login: { accountId: subject, amr } })
})
process.on('message', (message) => {
  subject = message.subject
  amr = message.amr
  process.send({ kind: 'seated' })
})
process.on('disconnect', () => process.exit())
process.send({ kind: 'listening', issuer })
