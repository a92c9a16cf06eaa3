import { generateBankKeys, replyText, signer, ticketText, verifier } from '../../server/channel/bank/sign'
import { AHEAD_MS, bankTickets, TICKET_LIFE_MS } from '../../server/login/bank-ticket'
import { loginTicket, type Ticket } from '../../server/sandbox/bank-app'

const NOW = 1_795_851_600_000
const { bank, client } = generateBankKeys()

describe('a login ticket of the bank’s app', () => {
  let now = NOW
  const used = new Map<string, number>()
  const verify = verifier(bank.publicKey)
  const tickets = bankTickets({
    verify: (body, signature) => verify(ticketText(body), signature),
    audience: 'fapai',
    used: { use: async (id, endsAt) => !used.has(id) && !!used.set(id, endsAt) },
    clock: { now: () => now },
  })
  beforeEach(() => {
    now = NOW
    used.clear()
  })
  const ticket = (more: Partial<Ticket> = {}, { privateKey = bank.privateKey, person = 'C-20481' } = {}) =>
    loginTicket({ privateKey, audience: 'fapai', now: NOW }, person, more)

  it('names the bank’s customer, once', async () => {
    const one = ticket()
    expect(await tickets.exchange(one)).toEqual({ provider: 'bank-app', appId: '', subject: 'C-20481', union: null })
    expect(await tickets.exchange(one)).toEqual({ refused: 'code' })
    expect(await tickets.exchange(ticket())).toHaveProperty('subject', 'C-20481')
  })

  it('ends when it says, and within two minutes at the latest', async () => {
    const [early, late] = [ticket(), ticket()]
    now = NOW + 59_999
    expect(await tickets.exchange(early)).toHaveProperty('subject')
    now = NOW + 60_000
    expect(await tickets.exchange(late)).toEqual({ refused: 'code' })
    now = NOW
    expect(await tickets.exchange(ticket({ exp: NOW + TICKET_LIFE_MS }))).toHaveProperty('subject')
    expect(await tickets.exchange(ticket({ exp: NOW + TICKET_LIFE_MS + 1 }))).toEqual({ refused: 'code' })
  })

  it('may be of a clock that is a little ahead, and of none that is far', async () => {
    const of = (iat: number) => ticket({ iat, exp: iat + 60_000 })
    expect(await tickets.exchange(of(NOW + AHEAD_MS))).toHaveProperty('subject')
    expect(await tickets.exchange(of(NOW + AHEAD_MS + 1))).toEqual({ refused: 'code' })
  })

  it('for somebody else, by somebody else, or without what it must say, is refused and uses nothing up', async () => {
    const good = ticket()
    const [body = '', signature = ''] = good.split('.')
    const reply = { method: 'GET', path: '/', status: 200, timestamp: String(NOW), nonce: '0'.repeat(32), body }
    const refused = [
      ticket({ aud: 'mall' }),
      ticket({}, { privateKey: client.privateKey }),
      ticket({ jti: 'short' }),
      ticket({}, { person: '' }),
      ticket({}, { person: '李雷' }),
      ticket({ exp: Number.NaN }),
      `${body}.${'0'.repeat(128)}`,
      `${body}.${signature}.${signature}`,
      `${body.slice(0, -2)}.${signature}`,
      `${body}=.${signature}`,
      // signed by the bank, and no ticket
      `${body}.${signer(bank.privateKey)(replyText(reply))}`,
      `${body}.${signer(bank.privateKey)(body)}`,
      `bm90IGpzb24.${signer(bank.privateKey)(ticketText('bm90IGpzb24'))}`,
      '',
      '.',
      'payer-1',
    ]
    for (const one of refused) expect([one, await tickets.exchange(one)]).toEqual([one, { refused: 'code' }])
    expect(used.size).toBe(0)
    expect(await tickets.exchange(good)).toHaveProperty('subject')
  })
})
