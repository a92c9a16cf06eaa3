import { addDays } from '../../server/domain/business-date'
import { merchants, campaign as street } from '../../server/sandbox/food-street'
import { type Attack, crowd, type Front } from '../attack'
import { type Send, sender } from '../http'

/** An operator's longest work, again and again, on more connections than anybody has hands. */

const CONNECTIONS = 6
const LINES = 50_000
const MB = 1 << 20

const csv = (line: (i: number) => string, head = '') =>
  Buffer.from(head + Array.from({ length: LINES }, (_, i) => line(i)).join('\n'))
const merchantCsv = csv((i) => `S${i},商户 ${i},B01,siege-account-${i}`, 'code,name,branch,account\n')
const codes = csv((i) => `S${i}`, 'code\n')

function preview(date: string) {
  const { rule, organiser } = street(0)
  const startDate = addDays(date, 1)
  return {
    ...{ rule, organiser, startDate, endDate: addDays(startDate, 364), budgetFen: 1e12 },
    ...{ merchantCount: merchants.length, maxPerPayerPerDay: null, ordersPerMerchantPerDay: 15 },
  }
}

type Work = (send: Send, front: Front, from: number) => Promise<number>

const CSV = (text: Buffer) => ({ raw: { type: 'text/csv', text } })
const WORKS: Work[] = [
  (send, front, from) =>
    send('POST', '/admin/campaigns/preview', { token: front.maker, body: preview(String(front.examples.date)), from }),
  (send, { maker: token }, from) =>
    send('POST', '/admin/merchants/import?dryRun=true', { token, ...CSV(merchantCsv), from }),
  (send, { maker: token }, from) =>
    send('POST', '/admin/merchants/import?dryRun=true', { token, ...CSV(Buffer.alloc(8 * MB, 'a\n')), from }),
  (send, { maker: token }, from) => send('POST', '/admin/merchants/codes', { token, ...CSV(codes), from }),
  (send, { auditor: token }, from) => send('GET', '/admin/campaigns/food-street/report', { token, from }),
  (send, { auditor: token }, from) => send('GET', '/admin/campaigns/food-street/report.csv', { token, from }),
  (send, { auditor: token }, from) => send('GET', '/admin/audit?limit=100', { token, from }),
]

export const desk: Attack = {
  name: 'desk',
  what: `previews of a year, imports of ${LINES.toLocaleString('en')} lines and of 8 MB, reports, on ${2 * CONNECTIONS} connections`,
  // what an operator asks for may cost payers less than what strangers do
  slower: 2,
  async run(front) {
    const send = sender(front, CONNECTIONS)
    await crowd(front, CONNECTIONS, async (nth) => {
      const work = WORKS[Math.floor(front.random() * WORKS.length)]!
      await work(send, front, nth % 2)
    })
  },
}
