/** The addresses that are no part of the JSON API, as OpenAPI describes them: nothing validates their input but themselves. */

const json = (schema: object) => ({ 'application/json': { schema } })
const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
})
const text = { type: 'string' }
/** Of an answer to who asks too often; with the first two also when more than half of what may be is used up. */
export const limitHeaders = {
  RateLimit: { description: 'what is left, and for how many seconds: `"quotes-by-payer";r=0;t=7`', schema: text },
  'RateLimit-Policy': { description: 'how often it may be: `"quotes-by-payer";q=30;w=10`', schema: text },
  'Retry-After': { description: 'seconds', schema: { type: 'integer' } },
}
const tooMany = { ...problem('too-many-requests'), headers: limitHeaders }
/** A channel's notice is answered as that channel wants it; what no channel is there for, as everything else. */
const inChannelsWords = {
  'application/json': { schema: { type: 'object', properties: { code: text }, required: ['code'] } },
  'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
}
const dependency = {
  type: 'object',
  properties: { state: { enum: ['up', 'down'] }, required: { type: 'boolean' } },
  required: ['state', 'required'],
  additionalProperties: false,
}
const readiness = json({
  type: 'object',
  properties: {
    status: { enum: ['ready', 'not-ready'] },
    dependencies: { type: 'object', additionalProperties: dependency },
  },
  required: ['status', 'dependencies'],
  additionalProperties: false,
})
const liveness = json({
  type: 'object',
  properties: { status: { const: 'up' } },
  required: ['status'],
  additionalProperties: false,
})

export const operationsPaths = {
  '/healthz': {
    get: { summary: 'Liveness', security: [], responses: { 200: { description: 'OK', content: liveness } } },
  },
  '/readyz': {
    get: {
      summary: 'Readiness, with the state of each dependency',
      security: [],
      responses: {
        200: { description: 'every required dependency is up', content: readiness },
        503: { description: 'a required dependency is down', content: readiness },
      },
    },
  },
  '/metrics': {
    get: {
      summary: 'Metrics for Prometheus',
      security: [],
      responses: { 200: { description: 'OK', content: { 'text/plain': { schema: text } } } },
    },
  },
}

export const plainPaths = {
  '/openapi.json': {
    get: {
      summary: 'This document',
      security: [],
      responses: {
        200: { description: 'OK', content: json({ type: 'object' }) },
        304: { description: 'as it was, for who sends its ETag in If-None-Match' },
      },
    },
  },
  '/q/{code}': {
    get: {
      summary: 'The address in the QR on the counter: the page that pays',
      security: [],
      parameters: [{ name: 'code', in: 'path', required: true, schema: text }],
      responses: {
        200: { description: 'the payer page', content: { 'text/html': { schema: text } } },
        404: problem('merchant-not-found, not-found'),
      },
    },
  },
  '/q/{code}/poster': {
    get: {
      summary: 'The page that prints the merchant’s code, by an address that can be typed',
      security: [],
      parameters: [{ name: 'code', in: 'path', required: true, schema: text }],
      responses: { 302: { description: 'to the page' }, 404: problem('merchant-not-found') },
    },
  },
  '/login/{word}': {
    get: {
      summary: 'Sends a browser to its platform’s page that says who its person is; only there for those configured',
      security: [],
      parameters: [
        { name: 'word', in: 'path', required: true, schema: text, description: 'wechat' },
        { name: 'to', in: 'query', required: true, schema: text, description: 'a page of ours to come back to' },
      ],
      responses: {
        302: { description: 'to the platform; or back to the page, with the refusal in a cookie that it takes away' },
        400: problem('invalid-input'),
        404: problem('not-found'),
      },
    },
  },
  '/login/{word}/back': {
    get: {
      summary: 'Where the platform sends the browser back',
      security: [],
      parameters: [{ name: 'word', in: 'path', required: true, schema: text, description: 'wechat' }],
      responses: {
        302: {
          description:
            'to the page it came from, with the session, a merchant’s user’s login code or the refusal in a cookie that the page takes away',
        },
        404: problem('not-found'),
        429: tooMany,
      },
    },
  },
  '/admin/oidc/start': {
    get: {
      summary: 'Single sign-on: sends the browser to the identity provider; only there when one is configured',
      security: [],
      responses: {
        302: { description: 'to the provider' },
        404: problem('not-found'),
        429: tooMany,
        503: problem('sign-on-unavailable'),
      },
    },
  },
  '/admin/oidc/callback': {
    get: {
      summary: 'Where the provider sends the browser back',
      security: [],
      responses: {
        302: { description: 'to the console’s log-in page, with `ticket` or with `refused` and why' },
        404: problem('not-found'),
        429: tooMany,
      },
    },
  },
  '/channel/{channel}/receipt': {
    get: {
      summary: 'The receipt that a wallet’s own page after a payment frames; its address is the wallet’s (商家小票)',
      security: [],
      parameters: [
        { name: 'channel', in: 'path', required: true, schema: text },
        { name: 'sub_mch_id', in: 'query', required: false, schema: text },
        { name: 'out_trade_no', in: 'query', required: false, schema: text },
        { name: 'check_code', in: 'query', required: false, schema: text },
      ],
      responses: {
        200: { description: 'the receipt, as the order stands', content: { 'text/html': { schema: text } } },
        404: {
          description: 'not-found',
          content: { ...problem('not-found').content, 'text/html': { schema: text } },
        },
        429: tooMany,
        503: problem('ledger-unavailable'),
      },
    },
  },
  '/channel/{channel}/notify': {
    post: {
      summary: 'Where a channel tells of its own accord; it signs the bytes it sends (docs/bank-channel.md)',
      security: [],
      parameters: [{ name: 'channel', in: 'path', required: true, schema: text }],
      requestBody: { required: true, content: json({ type: 'object' }) },
      responses: {
        200: {
          description: 'the news is in the ledger',
          content: json({
            type: 'object',
            properties: { received: { const: true } },
            required: ['received'],
            additionalProperties: false,
          }),
        },
        403: { description: 'notice-refused', content: inChannelsWords },
        404: { description: 'not-found, order-not-found', content: inChannelsWords },
        408: problem('request-too-slow'),
        413: problem('body-too-large'),
        429: tooMany,
        503: problem('ledger-unavailable'),
      },
    },
  },
  '/api/merchant/live': {
    get: {
      summary: 'The live feed, a WebSocket with subprotocol `fapai.v1`; it sends LiveMessage as JSON text',
      security: [{ bearer: [] }],
      parameters: [
        {
          name: 'after',
          in: 'query',
          required: false,
          schema: text,
          description: 'replays what came after this cursor',
        },
        {
          name: 'Sec-WebSocket-Protocol',
          in: 'header',
          required: false,
          schema: text,
          description: '`fapai.v1, bearer.<token>` where no Authorization header can be set',
        },
      ],
      responses: {
        101: { description: 'the feed is open' },
        401: problem('token-missing, token-invalid, token-expired'),
        403: problem('role-refused'),
      },
    },
  },
}
