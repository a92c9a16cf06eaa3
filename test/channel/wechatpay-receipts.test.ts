import { Hash } from 'wechatpay-axios-plugin'
import { receipts } from '../../server/channel/wechatpay/receipts'
import { checkCode } from '../../server/channel/wechatpay/sign'

const KEY = '0123456789abcdef0123456789abcdef'
const OUT = 'F202611217K3M92QX4T8B'
const SUB = '1900000109'

describe('the address of a receipt’s frame', () => {
  const { read, origin } = receipts(KEY, 'https://payapp.weixin.qq.com')
  const query = (changed: Record<string, string> = {}) =>
    new URLSearchParams({
      sub_mch_id: SUB,
      out_trade_no: OUT,
      check_code: checkCode(KEY, { outTradeNo: OUT, subMchId: SUB }),
      ...changed,
    })

  it('is signed as WeChat Pay’s older interfaces are, as another’s library says', () => {
    const theirs = Hash.sign('MD5', { sub_mch_id: SUB, out_trade_no: OUT }, KEY)
    expect(checkCode(KEY, { outTradeNo: OUT, subMchId: SUB })).toBe(theirs)
  })

  it('names our order and the account that was paid, in whatever case its hex digits are', () => {
    const named = { orderNo: 'F20261121-7K3M-92QX-4T8B', payee: SUB }
    expect(read(query())).toEqual(named)
    expect(read(query({ check_code: query().get('check_code')!.toLowerCase() }))).toEqual(named)
    expect(origin).toBe('https://payapp.weixin.qq.com')
  })

  it('is nobody’s when anything of it was changed, left out or said twice', () => {
    const code = query().get('check_code')!
    const flips = Array.from(code, (digit, i) => code.slice(0, i) + (digit === '0' ? '1' : '0') + code.slice(i + 1))
    const changed: Record<string, string>[] = [
      ...flips.map((check_code) => ({ check_code })),
      { check_code: '' },
      { check_code: `${code}0` },
      { check_code: 'é'.repeat(32) },
      { check_code: 'ŉ'.repeat(16) },
      { sub_mch_id: '1900000110' },
      { sub_mch_id: `${SUB}&out_trade_no=${OUT}` },
      { out_trade_no: 'F202611217K3M92QX4T8C' },
    ]
    for (const one of changed) expect(read(query(one))).toBeUndefined()
    for (const name of ['sub_mch_id', 'out_trade_no', 'check_code']) {
      const without = query()
      without.delete(name)
      expect(read(without)).toBeUndefined()
      const twice = query()
      twice.append(name, twice.get(name)!)
      expect(read(twice)).toBeUndefined()
    }
  })

  it('signed for a number that is none of ours is nobody’s', () => {
    const numbers = { outTradeNo: 'SOMEBODY-ELSES-1', subMchId: SUB }
    expect(read(query({ out_trade_no: numbers.outTradeNo, check_code: checkCode(KEY, numbers) }))).toBeUndefined()
  })
})
