import { openLog } from '../../server/log'

const written = (error: unknown) => {
  const lines: string[] = []
  openLog('warn', { write: (line) => void lines.push(line) }).warn({ err: error }, 'ledger connection lost')
  return lines.join('')
}

describe('the log', () => {
  it('says of an error what happened, its causes too, and nothing that a driver hung on it', () => {
    const lost = Object.assign(new Error('Connection terminated', { cause: new Error('the socket broke') }), {
      code: 'ECONNRESET',
      client: { secretKey: 2_875_920, connectionParameters: { password: 'hunter2' }, queue: ['621788000'] },
    })
    const line = written(lost)
    expect(JSON.parse(line)).toMatchObject({
      err: { message: 'Connection terminated', code: 'ECONNRESET', cause: { message: 'the socket broke' } },
    })
    for (const secret of ['2875920', 'hunter2', '621788000', 'client']) expect(line).not.toContain(secret)
  })

  it('keeps each of many errors, and ends with causes that go round', () => {
    const round: Error & { cause?: unknown } = new Error('round')
    round.cause = round
    const line = JSON.parse(written(new AggregateError([new Error('one'), round], 'two')))
    expect(line.err.errors).toMatchObject([{ message: 'one' }, { message: 'round', cause: { message: 'round' } }])
  })

  it.each(['text', 7, null, undefined])('takes %j for an error', (error) => {
    expect(JSON.parse(written(error))).toMatchObject({ msg: 'ledger connection lost' })
  })
})
