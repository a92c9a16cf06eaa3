import type { OpenChannel } from '../../server/channel'
import { type Call, verbsOf, watched } from '../../server/channel/watched'
import { openLog } from '../../server/log'
import { callsWatch, numbers } from '../../server/main/calls'
import { within } from '../../server/sight/context'
import { fakeChannel } from '../support/fake-channel'
import { orderOf } from './channel-contract'

/** What is seen of a channel's calls; and that nothing of them changes by it. */
describe('a channel that is watched', () => {
  const seen: (Call & { outcome: string })[] = []
  const fake = () => {
    const channel = fakeChannel()
    const see = watched(channel, async (call, make, outcomeOf) => {
      const answer = await make()
      seen.push({ ...call, outcome: outcomeOf(answer) })
      return answer
    })
    return { channel, see }
  }
  beforeEach(() => {
    seen.length = 0
  })

  it('answers as it does unwatched, and each call is seen with our number and what came of it', async () => {
    const { channel, see } = fake()
    const order = await orderOf(channel, 'payer-1')
    expect(await see.pay(order)).toMatchObject({ outcome: { kind: 'succeeded' } })
    expect(await see.query(order)).toEqual(await channel.query(order))
    await see.ping()
    expect(seen).toEqual([
      { channel: 'bank', verb: 'pay', number: order.orderNo, outcome: 'succeeded' },
      { channel: 'bank', verb: 'query', number: order.orderNo, outcome: 'succeeded' },
      { channel: 'bank', verb: 'ping', number: null, outcome: 'done' },
    ])
  })

  it('has the parts that it had, and no other', () => {
    const { channel, see } = fake()
    expect(Object.keys(see).sort()).toEqual(Object.keys(channel).sort())
    const bare = { ...channel }
    for (const part of ['refunds', 'statements', 'agreements', 'confirm', 'resend'] as const) delete bare[part]
    expect(verbsOf(bare as unknown as OpenChannel)).toEqual(['pay', 'query', 'close', 'ping'])
    expect(verbsOf(channel)).toEqual(expect.arrayContaining(['pay', 'refund', 'query-refund', 'sign', 'end-small']))
  })

  it('has a line for each call with our numbers and theirs, also of one that throws, and none for a ping', async () => {
    const text: string[] = []
    const watch = callsWatch(openLog('info', { write: (line) => void text.push(line) }))
    const call = { channel: 'bank', number: 'F1' } as const
    await within({ requestId: 'request-1' }, async () => {
      await watch(
        { ...call, verb: 'pay' },
        async () => numbers.onTheirs('THEIRS-1'),
        () => 'unknown',
      )
      const broken = watch(
        { ...call, verb: 'resend' },
        () => Promise.reject(new Error('away')),
        () => 'done',
      )
      await expect(broken).rejects.toThrow('away')
      await watch(
        { ...call, verb: 'ping' },
        async () => {},
        () => 'done',
      )
    })
    const lines = text.map((line) => JSON.parse(line) as object)
    expect(lines).toMatchObject([
      { requestId: 'request-1', verb: 'pay', number: 'F1', theirs: 'THEIRS-1', outcome: 'unknown' },
      { requestId: 'request-1', verb: 'resend', outcome: 'failed' },
    ])
    expect(lines).toHaveLength(2)
    expect(lines[1]).not.toHaveProperty('theirs')
  })
})
