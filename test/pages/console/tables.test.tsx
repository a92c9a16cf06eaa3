import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { CHANGE_KINDS } from '../../../server/domain/campaign-life'
import { REQUEST_KINDS, type RequestKind } from '../../../server/domain/change'
import { NOTIFICATION_KINDS, type NotificationContent } from '../../../server/domain/notification'
import * as domain from '../../../server/domain/operator'
import { wordsOf } from '../../../server/flow/notification/words'
import { amountFen, readAmount } from '../../../src/amount'
import {
  fenOf,
  ordersOf,
  percentText,
  signed,
  wholeFault,
  wholeOf,
  yuanFault,
  yuanInput,
} from '../../../src/console/format'
import { PAGES, SECTIONS } from '../../../src/console/pages'
import { actionWords, NOUNS } from '../../../src/console/pages/audit/words'
import { KIND_WORDS } from '../../../src/console/pages/reviews/words'
import * as names from '../../../src/console/permissions'
import { match } from '../../../src/console/router'
import { knownCodes } from '../../../src/console/sentences'
import { CHANGE_WORDS } from '../../../src/console/words'

describe('the console’s tables', () => {
  it('name the permissions of the domain, role by role', () => {
    expect(names.PERMISSIONS).toEqual(domain.PERMISSIONS)
    expect(names.WHOLE_BANK).toEqual(domain.WHOLE_BANK)
  })

  it('let exactly those try whom the domain lets', () => {
    for (const role of domain.ROLES)
      for (const branchCode of [null, 'B01'])
        for (const permission of Object.keys(domain.PERMISSIONS) as domain.Permission[]) {
          const operator = { username: 'x', name: 'x', roles: [role], branchCode }
          expect([role, branchCode, permission, names.may(operator, permission)]).toEqual([
            role,
            branchCode,
            permission,
            domain.refuses(operator, permission) === null,
          ])
        }
  })

  /** What only a payer, a merchant or a bank can be told. */
  const NOT_FOR_OPERATORS =
    /^(notice-refused|identity-not-found|merchant-not-open|agreement-|sign-|terms-changed|challenge-gone|too-soon|too-many-signings|amount-above|channel-(not|busy)|login-(blocked|code-refused)|login-too-often|login-unavailable|session-stale|too-many-users|refunded-meanwhile|idempotency|key-reused|quote-|pay-code-|slot-taken|card-limit|daily-limit)/

  it('have a sentence for every refusal an operator can meet', () => {
    const text = readFileSync(join(__dirname, '../../../server/http/problem.ts'), 'utf8')
    const codes = [...text.matchAll(/^ {2}'?([a-z-]+)'?: \[\d{3}, '/gm)].map((found) => found[1]!)
    expect(codes.length).toBeGreaterThan(50)
    expect(codes.filter((code) => !knownCodes.includes(code) && !NOT_FOR_OPERATORS.test(code))).toEqual([])
  })

  it('have words for every deed that is written down, and its kind among the filters of the log', () => {
    const server = join(__dirname, '../../../server')
    const files = readdirSync(server, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'))
    const text = files.map((path) => readFileSync(join(server, path), 'utf8')).join('\n')
    const actions = [...text.matchAll(/\baction(?::| =) '([a-z-]+\.[a-z-]+)'/g)].map((found) => found[1]!)
    const written = [...new Set(actions)]
    for (const draft of ['create', 'edit', 'delete', 'import', 'draw']) expect(written).toContain(`campaign.${draft}`)
    expect(written).toContain('campaign-template.add')
    expect(written.filter((action) => actionWords(action) === action)).toEqual([])
    const nouns = [...text.matchAll(/\bsubject: `([a-z-]+)\/\$\{/g)].map((found) => found[1]!)
    // a notification’s, and no deed’s
    expect([...new Set(nouns)].filter((noun) => !(noun in NOUNS) && noun !== 'channel')).toEqual([])
  })

  it('have a page for each entry of the navigation', () => {
    for (const [section] of SECTIONS) expect(PAGES.map(({ path }) => path)).toContain(section)
  })
})

describe('notifications, which the server words', () => {
  const asked = (
    change: (typeof CHANGE_KINDS)[number] | RequestKind,
    name: string | null,
    kind = 'submitted' as const,
  ) => ({
    subject: 'campaign/street',
    content: { kind, changeId: 'H1', change, name, by: 'maker', note: null },
  })

  it('name each change as the console does', () => {
    for (const kind of Object.keys(REQUEST_KINDS) as RequestKind[])
      expect(wordsOf(asked(kind, null)).title).toBe(`待复核：${KIND_WORDS[kind]}`)
    for (const kind of CHANGE_KINDS)
      expect(wordsOf(asked(kind, '街')).title).toBe(`待复核：活动「街」${CHANGE_WORDS[kind]}`)
  })

  it('lead to pages that are there, whatever they are about', () => {
    const change = { changeId: 'H1', change: 'launch', by: 'maker', note: null } as const
    const day = { kind: 'reconciliation-open', date: '2026-11-20', state: 'missing', count: 0 } as const
    const hoarding = { kind: 'hoarding', name: '街', held: 9, untaken: 10 } as const
    const contents: NotificationContent[] = [
      { kind: 'submitted', name: '街', ...change },
      { kind: 'rejected', name: '街', ...change },
      { kind: 'rejected', name: null, ...change },
      { kind: 'budget-low', name: '街', daysLeft: 1, endDate: '2026-11-30' },
      { ...day, channel: 'bank' },
      { ...day, channel: 'alipay' },
      { kind: 'breaker-open', channel: 'bank' },
      { ...hoarding, merchantCode: null },
      { ...hoarding, merchantCode: 'M0001' },
    ]
    expect(new Set(contents.map(({ kind }) => kind))).toEqual(new Set(NOTIFICATION_KINDS))
    for (const content of contents) {
      const [place] = wordsOf({ content, subject: 'campaign/street' }).place.split('?')
      expect([place, PAGES.some(({ path }) => match(path, place!))]).toEqual([place, true])
    }
  })
})

describe('figures as they are typed and read', () => {
  it.each([
    ['10', 1_000],
    ['9.5', 950],
    ['¥1,200.05', 120_005],
    ['0.29', 29],
    ['1.005', null],
    ['-1', null],
    ['', null],
    ['1e3', null],
    ['１２.５', 1_250],
    ['￥１，２００．０５', 120_005],
    ['12。5', 1_250],
    ['1,234', 123_400],
    ['1,000,000.5', 100_000_050],
    ['9,5', null],
    ['12，50', null],
    ['1,2,3', null],
    ['20000，00', null],
    ['0,950', null],
    ['1.234,50', null],
    ['1 200', null],
    ['10²', null],
    ['①⓪', null],
    ['9,999,999,999,999', null],
  ])('%j yuan are %j fen', (text, fen) => {
    expect(fenOf(text)).toBe(fen)
  })

  it.each([0, 1, 99, 100, 105, 150, 123_456_789])('%d fen come back from their field', (fen) => {
    expect(fenOf(yuanInput(fen))).toBe(fen)
  })

  it('are never more than the payer’s page would read of the same text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0123459.,，。 ¥５²'), maxLength: 9 }), (text) => {
        const read = readAmount(text)
        const fen = fenOf(text)
        if (fen !== null && fen <= 100_000_000) expect(amountFen(read ?? '')).toBe(fen)
      }),
      { numRuns: 5_000 },
    )
  })

  it.each([
    ['', '请填写金额，例如 150000'],
    ['十元', '请填写金额，例如 150000'],
    ['10,000元', '请填写金额，例如 150000'],
    ['9，5', '逗号只用来分千位，例如 1,234.50；小数点请用“.”'],
    ['1.234,50', '逗号只用来分千位，例如 1,234.50；小数点请用“.”'],
    ['1,234.567', '最多两位小数'],
    ['12 50', '金额中间不能有空格'],
  ])('of %j it is said why it is no amount', (text, words) => {
    expect([fenOf(text), yuanFault(text, '150000')]).toEqual([null, words])
  })

  it('count in whole numbers, of full width too; orders a day may be parts', () => {
    expect([' 20 ', '-3', '２０', '2.5', '1,000', '2²', ''].map(wholeOf)).toEqual([20, -3, 20, null, null, null, null])
    expect(['1，000', '2.5'].map(wholeFault)).toEqual(['请填写整数，不用逗号', '请填写整数'])
    expect(['15', '９。５', ' 0.5 ', '10000'].map(ordersOf)).toEqual([15, 9.5, 0.5, 10_000])
    expect(['', '9,5', '-1', '1e3', '10001', '1000000'].map(ordersOf)).toEqual([null, null, null, null, null, null])
  })

  it('show an unknown share as a dash', () => {
    expect([percentText(null), percentText(0), percentText(0.1423)]).toEqual(['—', '0.0%', '14.2%'])
    expect([signed(11.62), signed(-0.5), signed(0)]).toEqual(['+11.6', '−0.5', '0.0'])
  })
})

it.each([
  ['campaigns/:id', 'campaigns/food-street', { id: 'food-street' }],
  ['campaigns/:id', 'campaigns', null],
  [
    'campaigns/:id/decks/:merchant/:date',
    'campaigns/c/decks/M1/2026-11-20',
    { id: 'c', merchant: 'M1', date: '2026-11-20' },
  ],
  ['reviews', 'reviews', {}],
])('the pattern %j on %j', (pattern, path, params) => {
  expect(match(pattern, path)).toEqual(params)
})
