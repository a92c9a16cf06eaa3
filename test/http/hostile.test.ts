import { Pool } from 'undici'
import { type ApiDocument, type Attack, attacksOn, type Examples, seeded } from '../../harness/hostile'
import { startTestSystem, type TestSystem } from '../../harness/system'
import { enrol } from '../../harness/two-people'
import { ROLES, type Role } from '../../server/domain/operator'
import type { CampaignList, OperatorSession } from '../../server/http/contract'

/** What strangers send: each field of each route with values that nobody honest sends. */

/** The same in every `npm test`, so that a red suite is about the change; FAPAI_SEED takes others, and FAPAI_ATTACKS more of them. */
const SEED = Number(process.env.FAPAI_SEED ?? 260_891)
/** About so many of all there are. */
const ATTACKS = Number(process.env.FAPAI_ATTACKS ?? 5_500)
const CONNECTIONS = 4
/** Of those who may come no further than the door, one attack in so many; and of those that cost a hash of a password each. */
const OF_THE_OTHERS = 40
const OF_HASHES = 12
const HASHES = /^\/admin\/(session|password|operators.*)$/
/** Whoever has logged out is heard no more. */
const endLast = ([a]: [string, unknown], [b]: [string, unknown]) =>
  Number(a.endsWith('/end')) - Number(b.endsWith('/end'))

/** The sandbox's, whose password is hashed more cheaply than a person's. */
const SEEDED: Partial<Record<Role, string>> = {
  maker: 'maker2',
  checker: 'checker2',
  auditor: 'auditor',
  admin: 'admin2',
}

let system: TestSystem
let pool: Pool
let document: ApiDocument
let examples: Examples
const tokens = new Map<string, string>()

beforeAll(async () => {
  system = await startTestSystem()
  pool = new Pool(system.url(), { connections: CONNECTIONS, keepAliveMaxTimeout: 10_000 })
  document = (await system.call('GET', '/openapi.json')).body as ApiDocument
  const payer = await system.payer('payer-1')
  tokens.set('payer', payer.token).set('merchant', (await system.merchant('M0001')).token)
  for (const role of ROLES) {
    const known = SEEDED[role]
    tokens.set(role, known ? (await system.operator(known)).token : await enrolled(role, [role]))
  }
  tokens.set(
    'operator',
    await enrolled(
      'everything',
      ROLES.filter((role) => role !== 'admin'),
    ),
  )
  const { quoteId } = (await payer.quote(2_000)).body
  const { orderNo, businessDate } = (await payer.pay(quoteId)).body
  const list = await system.call('GET', '/admin/campaigns', { token: tokens.get('operator')! })
  const { campaignId } = (list.body as CampaignList).items[0]!
  examples = {
    ...{
      code: 'M0001',
      merchantCode: 'M0001',
      orderNo,
      quoteId,
      date: businessDate,
      platform: 'browser',
      channel: 'bank',
    },
    ...{ startDate: '2099-01-01', endDate: '2099-02-01', id: campaignId, 'If-Match': '"1"', username: 'somebody' },
    ...{
      name: '某某',
      organiser: '某银行',
      budgetFen: 100_000_000,
      branchCode: 'B01',
      reason: '退一点',
      role: 'staff',
    },
  }
})
afterAll(async () => {
  await pool?.close()
  await system?.stop()
})

async function enrolled(name: string, roles: string[]): Promise<string> {
  const password = await enrol(system, { username: `the-${name}`, name, roles })
  const { token } = await system.operator(`the-${name}`, password)
  const body = { current: password, next: 'a-password-of-mine' }
  return ((await system.call('POST', '/admin/password', { token, body })).body as OperatorSession).token
}

/** Whose route it is, by its address. */
const ownerOf = (path: string, security: object[]) => {
  if (security.length === 0) return 'nobody'
  // who lets people in does nothing else
  if (path.startsWith('/admin/operators')) return 'admin'
  if (path.startsWith('/admin')) return 'operator'
  return path.startsWith('/api/merchant/') ? 'merchant' : 'payer'
}

/** What any address may answer. */
const ANYWHERE = [
  'not-found',
  'method-not-allowed',
  'busy',
  'token-missing',
  'invalid-input',
  'body-too-large',
  'headers-too-large',
]

async function sent(attack: Attack, caller: string) {
  const token = tokens.get(caller)
  const headers = [...attack.headers, ...(token ? ['Authorization', `Bearer ${token}`] : [])]
  const { method, path, body } = attack
  const reply = await pool.request({ method: method as 'GET', path, headers, body })
  return { status: reply.statusCode, type: String(reply.headers['content-type'] ?? ''), text: await reply.body.text() }
}

/** What is wrong with an answer, whoever asked. */
function faultOf(
  attack: Attack,
  codes: string[],
  { status, type, text }: Awaited<ReturnType<typeof sent>>,
): string | undefined {
  if (status < 400) return undefined
  if (status >= 500) return `${status} ${text}`
  if (!type.includes('json')) return `${status} ${type} ${text.slice(0, 80)}`
  const problem = JSON.parse(text)
  if (![...codes, ...ANYWHERE].includes(problem.code)) return `${problem.code} isn’t in the document`
  const named = attack.field === undefined || problem.code !== 'invalid-input' || problem.field
  return named ? undefined : `invalid-input without a field: ${text}`
}

type Sending = [attack: Attack, caller: string]

interface Operation {
  path: string
  method: string
  attacks: Attack[]
}

/** All that there is to send, whatever logs out at the end. A WebSocket has tests of its own. */
function operations(): Operation[] {
  return Object.entries(document.paths)
    .sort(endLast)
    .filter(([path]) => path !== '/api/merchant/live')
    .flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => {
        const attacks = [...attacksOn({ document, examples, method, path })]
        return { path, method, attacks }
      }),
    )
}

/** Some of an operation's attacks by whose route it is, and now and then by somebody else. */
function sendings({ path, method, attacks }: Operation, share: number, random: () => number): Sending[] {
  const owner = ownerOf(path, document.paths[path]![method]!.security)
  const callers = ['nobody', ...tokens.keys()]
  return attacks
    .filter(() => random() < (HASHES.test(path) ? share / OF_HASHES : share))
    .flatMap((attack): Sending[] => {
      const other = callers[Math.floor(random() * callers.length)]!
      return random() < 1 / OF_THE_OTHERS
        ? [
            [attack, other],
            [attack, owner],
          ]
        : [[attack, owner]]
    })
}

describe(`whatever is sent, by whomever (FAPAI_SEED=${SEED})`, () => {
  it('is answered, and where it is refused with a code of the document and the field', async () => {
    const random = seeded(SEED)
    const faults: string[] = []
    let asked = 0
    const all = operations()
    const known = all.flatMap(({ attacks }) => attacks).length
    for (const operation of all) {
      const { responses } = document.paths[operation.path]![operation.method]!
      const codes = Object.values(responses).flatMap((one) => one.description.split(', '))
      const queue = sendings(operation, ATTACKS / known, random)
      asked += queue.length
      const worker = async () => {
        for (let next = queue.shift(); next; next = queue.shift()) {
          const [attack, caller] = next
          const fault = faultOf(attack, codes, await sent(attack, caller))
          if (fault) faults.push(`${caller}: ${attack.name}: ${fault}`)
        }
      }
      await Promise.all(Array.from({ length: CONNECTIONS }, worker))
    }
    expect(faults).toEqual([])
    expect(asked).toBeGreaterThan(Math.min(known, ATTACKS) / 2)
  }, 600_000)

  it('leaves the product at work: a payer pays, and the audit of operators’ deeds is whole', async () => {
    const payer = await system.payer('payer-after')
    expect((await payer.pay((await payer.quote(3_000)).body.quoteId)).body.state).toBe('paid')
    const { token } = await system.operator('admin')
    const chain = await system.call('GET', '/admin/audit/chain', { token })
    expect(chain).toMatchObject({ status: 200, body: { intact: true } })
  })
})
