import { CompiledQuery } from 'kysely'
import { sqlEngines, type TestSql } from '../../../../harness/sql'
import type { Agreement, AgreementBook, SignedAgreement, SigningRecord } from '../../../../server/flow/ports'
import { agreementsOf, sqlAgreements } from '../../../../server/store/sql/agreement/agreements'
import type { Sql } from '../../../../server/store/sql/open-sql'
import { type Evidence, fakeAgreements } from '../../../support/fake-agreements'

const NOW = 1_795_851_600_000
const SHA = 'a'.repeat(64)
const CONSENT = { termsVersion: '1', termsSha256: SHA, channel: 'bank' }
const PLENTY = { most: 100, since: 0 }
const ACTION = { kind: 'challenge' as const, params: { challengeId: 'C1' }, expiresAt: NOW + 180_000 }

interface Book {
  book: AgreementBook
  of(payerId: string): Promise<Agreement[]>
  consents(): Promise<Evidence[]>
}

let made = 0
const signing = (payerId: string, more: Partial<SigningRecord> = {}): SigningRecord => ({
  signNo: `S${String(++made).padStart(16, '0')}`,
  payerId,
  kind: 'sign',
  state: 'open',
  agreementId: null,
  small: null,
  action: null,
  refusal: null,
  openedAt: NOW,
  endedAt: null,
  ...more,
})
const signed = (more: Partial<SignedAgreement> = {}): SignedAgreement => ({
  agreementId: `AG-${++made}`,
  account: 'acct-1',
  accountTail: '0001',
  bankName: '南城银行',
  kind: 'debit',
  small: null,
  ...more,
})
const small = { maxFen: 10_000, perDay: 3 }

function agreementBook(open: () => Promise<Book>) {
  let store: Book
  beforeEach(async () => {
    store = await open()
  })

  async function agreed(payerId: string, more: Partial<SignedAgreement> = {}, at = NOW): Promise<SignedAgreement> {
    const [asked, agreement] = [signing(payerId), signed(more)]
    await store.book.open(asked, null, PLENTY)
    await store.book.signed(asked.signNo, agreement, at)
    return agreement
  }
  async function allowed(payerId: string, { agreementId, ...rest }: SignedAgreement, at = NOW): Promise<void> {
    const asked = signing(payerId, { kind: 'small', agreementId, small, openedAt: at })
    await store.book.open(asked, CONSENT, PLENTY)
    await store.book.signed(asked.signNo, { agreementId, ...rest, small }, at + 1)
  }

  it('keeps a request through its steps, for its payer alone, and ends it once', async () => {
    const { book } = store
    const asked = signing('li')
    expect(await book.open(asked, null, PLENTY)).toBe('opened')
    expect(await book.signing('li', asked.signNo)).toEqual(asked)
    expect(await book.signing('wang', asked.signNo)).toBeUndefined()
    expect(await book.signing('li', 'S-none')).toBeUndefined()
    await book.asked(asked.signNo, ACTION)
    expect(await book.signing('li', asked.signNo)).toEqual({ ...asked, action: ACTION })
    await book.refused(asked.signNo, 'authentication-failed', NOW + 5)
    const refused = { ...asked, state: 'refused', refusal: 'authentication-failed', endedAt: NOW + 5 }
    await book.asked(asked.signNo, ACTION)
    await book.signed(asked.signNo, signed(), NOW + 6)
    expect(await book.signing('li', asked.signNo)).toEqual(refused)
    expect(await store.of('li')).toEqual([])
  })

  it('has what was signed, oldest first, with what its payer recognises it by', async () => {
    const second = await agreed('li', { kind: 'credit', bankName: '北城银行' }, NOW + 10)
    const first = await agreed('li', {}, NOW)
    await agreed('wang')
    const [one, two, ...more] = await store.of('li')
    expect(one).toEqual({ ...first, payerId: 'li', chosen: false, createdAt: NOW, endedAt: null })
    expect(two).toMatchObject(second)
    expect(more).toEqual([])
  })

  it('counts what was opened and not signed, so many at once like so many in a row', async () => {
    const { book } = store
    await agreed('li')
    const limit = { most: 3, since: NOW }
    await book.open(signing('li', { openedAt: NOW - 1 }), null, PLENTY)
    const results = await Promise.all(Array.from({ length: 8 }, () => book.open(signing('li'), null, limit)))
    expect(results.filter((one) => one === 'opened')).toHaveLength(3)
    expect(await book.open(signing('wang'), null, limit)).toBe('opened')
  })

  it('chooses one and no other, an ended one never', async () => {
    const { book } = store
    const [one, two] = [await agreed('li'), await agreed('li', {}, NOW + 1)]
    const wangs = await agreed('wang')
    await book.choose('wang', wangs.agreementId)
    for (const { agreementId } of [one, two, one, two]) await book.choose('li', agreementId)
    expect((await store.of('li')).map(({ chosen }) => chosen)).toEqual([false, true])
    await Promise.all([one, two, one].map(({ agreementId }) => book.choose('li', agreementId)))
    expect((await store.of('li')).filter(({ chosen }) => chosen)).toHaveLength(1)
    await book.end(two.agreementId, NOW + 2)
    await book.choose('li', two.agreementId)
    expect((await store.of('li')).map(({ chosen }) => chosen)).toEqual([false, false])
    await book.choose('li', wangs.agreementId)
    expect((await store.of('wang'))[0]!.chosen).toBe(true)
  })

  it('ends one once, with what it allowed; signed again it is in force again, and asks about each payment', async () => {
    const { book } = store
    const one = await agreed('li')
    await allowed('li', one)
    expect((await store.of('li'))[0]).toMatchObject({ small, endedAt: null })
    await book.end(one.agreementId, NOW + 10)
    await book.end(one.agreementId, NOW + 20)
    expect((await store.of('li'))[0]).toMatchObject({ small: null, endedAt: NOW + 10 })
    await agreed('li', one, NOW + 30)
    expect(await store.of('li')).toMatchObject([{ small: null, createdAt: NOW, endedAt: null }])
  })

  it('isn’t brought back by late news of small amounts: what was ended stays ended, and nobody consented', async () => {
    const { book } = store
    const agreement = await agreed('li')
    const asked = signing('li', { kind: 'small', agreementId: agreement.agreementId, small })
    await book.open(asked, CONSENT, PLENTY)
    await book.end(agreement.agreementId, NOW + 1)
    await book.signed(asked.signNo, { ...agreement, small }, NOW + 2)
    expect(await store.of('li')).toMatchObject([{ small: null, endedAt: NOW + 1 }])
    expect(await store.consents()).toMatchObject([{ signNo: asked.signNo, confirmedAt: null }])
  })

  it('never gives one payer’s agreement to another', async () => {
    const one = await agreed('li')
    await expect(agreed('wang', one)).rejects.toThrow('another payer’s')
    expect(await store.of('wang')).toEqual([])
    expect(await store.of('li')).toHaveLength(1)
  })

  it('keeps one that came without steps once, as it came first', async () => {
    const { book } = store
    const one = signed()
    await book.keep('li', one, NOW)
    await book.keep('li', { ...one, accountTail: '9999' }, NOW + 1)
    expect(await store.of('li')).toMatchObject([{ ...one, createdAt: NOW }])
  })

  it('keeps of each consent to which words it was, when, how it was confirmed, and when it was over', async () => {
    const { book } = store
    const one = await agreed('li')
    await allowed('li', one)
    const abandoned = signing('li', { kind: 'small', agreementId: one.agreementId, small, openedAt: NOW + 2 })
    await book.open(abandoned, CONSENT, PLENTY)
    await allowed('li', one, NOW + 5)
    await book.endSmall(one.agreementId, NOW + 10)
    await book.endSmall(one.agreementId, NOW + 11)
    expect((await store.of('li'))[0]!.small).toBeNull()
    const words = { ...CONSENT, ...small, payerId: 'li', agreementId: one.agreementId }
    const times = (await store.consents()).map(({ givenAt, confirmedAt, endedAt }) => [givenAt, confirmedAt, endedAt])
    expect((await store.consents())[0]).toMatchObject(words)
    expect(times).toEqual([
      [NOW, NOW + 1, NOW + 6],
      [NOW + 2, null, null],
      [NOW + 5, NOW + 6, NOW + 10],
    ])
  })
}

describe('agreements, the fake', () => {
  agreementBook(async () => {
    const fake = fakeAgreements()
    return { book: fake.verbs, of: async (payerId) => fake.of(payerId), consents: async () => [...fake.consents] }
  })
})

describe.each(sqlEngines())('agreements, $name', ({ start }) => {
  let engine: TestSql
  let sql: Sql
  beforeAll(async () => {
    engine = await start()
  })
  afterAll(() => engine?.stop())

  const run = async (text: string) => (await sql.db.executeQuery(CompiledQuery.raw(text))).rows as Evidence[]
  agreementBook(async () => {
    sql = await engine.fresh()
    return {
      book: sqlAgreements(sql),
      of: (payerId) => agreementsOf(sql, payerId),
      consents: () =>
        run(`select sign_no as "signNo", payer_id as "payerId", agreement_id as "agreementId", channel,
          terms_version as "termsVersion", terms_sha256 as "termsSha256", max_fen as "maxFen", per_day as "perDay",
          given_at as "givenAt", confirmed_at as "confirmedAt", ended_at as "endedAt" from consents order by given_at`),
    }
  })

  it('lets nobody drop or alter a consent, whoever writes', async () => {
    const book = sqlAgreements(sql)
    const agreement = signed()
    await book.keep('li', agreement, NOW)
    const asked = signing('li', { kind: 'small', agreementId: agreement.agreementId, small })
    await book.open(asked, CONSENT, PLENTY)
    await book.signed(asked.signNo, { ...agreement, small }, NOW + 1)
    for (const change of [
      'delete from consents',
      'truncate consents',
      `update consents set terms_sha256 = '${'b'.repeat(64)}'`,
      'update consents set max_fen = 1',
      'update consents set given_at = 1',
      'update consents set confirmed_at = 1',
      'update consents set confirmed_at = null',
    ])
      await expect(run(change)).rejects.toThrow(/evidence|append-only/)
    // It outlives what it belonged to.
    await run('delete from signings')
    await run('delete from agreements')
    expect(await run('select * from consents')).toHaveLength(1)
  })
})
