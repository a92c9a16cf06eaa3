import { HIDDEN, shownReply } from '../../server/domain/shown-reply'

describe('what a channel said, as operators read it', () => {
  it('is its word, its numbers, amounts and times, and nobody’s name, account or token', () => {
    const bank = { state: 'declined', code: 'insufficient-funds', payer: { account: '6217000000000001', name: '张三' } }
    expect(shownReply({ status: 402, body: JSON.stringify(bank) })).toEqual({
      status: 402,
      body: { state: 'declined', code: 'insufficient-funds', payer: { account: HIDDEN, name: HIDDEN } },
    })
    const wechat = {
      trade_state: 'SUCCESS',
      transaction_id: '42',
      payer: { openid: 'oUpF8' },
      amount: { total: 3_500 },
    }
    expect(shownReply({ status: 200, requestId: 'R1', body: JSON.stringify(wechat) })).toEqual({
      status: 200,
      requestId: 'R1',
      body: { trade_state: 'SUCCESS', transaction_id: '42', payer: { openid: HIDDEN }, amount: { total: 3_500 } },
    })
    const alipay = {
      trade_status: 'TRADE_SUCCESS',
      buyer_logon_id: '138****8000',
      buyer_user_id: '2088',
      trade_no: '2026',
    }
    expect(
      JSON.stringify(shownReply({ body: JSON.stringify({ alipay_trade_query_response: alipay, sign: 'k' }) })),
    ).not.toMatch(/138|2088|"k"/)
    expect(shownReply({ said: { respCode: '00', accNo: '6216', queryId: '7' } })).toEqual({
      said: { respCode: '00', accNo: HIDDEN, queryId: '7' },
    })
  })

  it('hides what it can’t tell apart: half a body, a text, names that are no names, what is nested without end', () => {
    expect(shownReply({ status: 200, body: '{"payer":{"account":"62' })).toEqual({ status: 200, body: HIDDEN })
    expect(shownReply('account=6217&code=1')).toBe(HIDDEN)
    expect(shownReply({ '张三 6217': 1 })).toEqual({ [HIDDEN]: HIDDEN })
    expect(shownReply(null)).toBeNull()
    let deep: unknown = 'account'
    for (let i = 0; i < 1_000; i++) deep = { code: deep }
    expect(JSON.stringify(shownReply(deep)).length).toBeLessThan(200)
    expect(JSON.stringify(shownReply({ code: 'x'.repeat(9_999), total: Array(9_999).fill(1) })).length).toBeLessThan(
      500,
    )
  })
})
