import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CHANGE_KINDS } from '../../../server/domain/campaign-life'
import { REQUEST_KINDS, type RequestKind } from '../../../server/domain/change'
import { NOTIFICATION_KINDS, type NotificationContent } from '../../../server/domain/notification'
import * as domain from '../../../server/domain/operator'
import { wordsOf } from '../../../server/flow/notification/words'
import { fenOf, percentText, signed, wholeOf, yuanInput } from '../../../src/console/format'
import { PAGES, SECTIONS } from '../../../src/console/pages'
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
    /^(notice-refused|identity-not-found|merchant-not-open|agreement-|sign-|terms-changed|challenge-gone|too-soon|too-many-signings|amount-above|channel-(not|busy)|login-blocked|login-too-often|login-unavailable|session-stale|too-many-users|refunded-meanwhile|idempotency|key-reused|quote-|pay-code-|slot-taken|card-limit|daily-limit)/

  it('have a sentence for every refusal an operator can meet', () => {
    const text = readFileSync(join(__dirname, '../../../server/http/problem.ts'), 'utf8')
    const codes = [...text.matchAll(/^ {2}'?([a-z-]+)'?: \[\d{3}, '/gm)].map((found) => found[1]!)
    expect(codes.length).toBeGreaterThan(50)
    expect(codes.filter((code) => !knownCodes.includes(code) && !NOT_FOR_OPERATORS.test(code))).toEqual([])
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
  ])('%j yuan are %j fen', (text, fen) => {
    expect(fenOf(text)).toBe(fen)
  })

  it.each([0, 1, 99, 100, 105, 150, 123_456_789])('%d fen come back from their field', (fen) => {
    expect(fenOf(yuanInput(fen))).toBe(fen)
  })

  it('show an unknown share as a dash', () => {
    expect([percentText(null), percentText(0), percentText(0.1423)]).toEqual(['—', '0.0%', '14.2%'])
    expect([signed(11.62), signed(-0.5), signed(0)]).toEqual(['+11.6', '−0.5', '0.0'])
    expect([wholeOf(' 20 '), wholeOf('-3'), wholeOf('2.5')]).toEqual([20, -3, null])
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
