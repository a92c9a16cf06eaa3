import { readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import fc from 'fast-check'
import MerchantPage from '../../src/pages/merchant/index'
import { announcer } from '../../src/pages/merchant/voice/announcer'
import { isNews, isNight } from '../../src/pages/merchant/voice/when'
import { arrivalSounds, moneySounds, SOUNDS, type Sound } from '../../src/pages/merchant/voice/words'
import { host } from '../../src/platform/host'
import { FakeSocket } from '../support/live-socket'
import { fake } from '../support/taro'
import { arrivalOf, bff, summaryOf } from '../support/taro-bff'

const WORDS: Partial<Record<Sound, string>> = {
  ...{
    shi: '十',
    bai: '百',
    qian: '千',
    wan: '万',
    yuan: '元',
    jiao: '角',
    fen: '分',
    shoukuan: '收款',
    jiangli: '奖励',
  },
}
const wordOf = (sound: Sound) => WORDS[sound] ?? '零一二三四五六七八九'[Number(sound)]!
const textOf = (sounds: readonly Sound[]) => sounds.map(wordOf).join('')

describe('what is said of money', () => {
  it.each([
    [101_005, '一千零一十元零五分'],
    [6_600, '六十六元'],
    [371, '三元七角一分'],
    [1_000, '十元'],
    [1_050, '十元五角'],
    [1_005, '十元零五分'],
    [11_200, '一百一十二元'],
    [10_500, '一百零五元'],
    [200_000, '二千元'],
    [1_000_000, '一万元'],
    [1_000_500, '一万零五元'],
    [1_200_000, '一万二千元'],
    [10_050_000, '十万零五百元'],
    [12_345_678, '十二万三千四百五十六元七角八分'],
    [100_000_000, '一百万元'],
    [50, '五角'],
    [5, '五分'],
    [0, '零元'],
  ])('%i fen is %s', (fen, words) => {
    expect(textOf(moneySounds(fen))).toBe(words)
  })

  /** A reader of its own: what the words come to, in fen. */
  const readBack = (words: string): number => {
    let [sum, section, digit] = [0, 0, 0]
    for (const one of words) {
      const at = '零一二三四五六七八九'.indexOf(one)
      if (at >= 0) digit = at
      else if ('十百千'.includes(one)) {
        section += (digit || 1) * 10 ** ('十百千'.indexOf(one) + 1)
        digit = 0
      } else if (one === '万') {
        sum += (section + digit) * 1_000_000
        section = digit = 0
      } else {
        sum += (section + digit) * { 元: 100, 角: 10, 分: 1 }[one as '元']
        section = digit = 0
      }
    }
    return sum
  }

  it('comes to the amount, whatever it is, with a nought where one is said and none at an end', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000_000 }), (fen) => {
        const words = textOf(moneySounds(fen))
        expect(readBack(words)).toBe(fen)
        if (fen > 0) expect(words).not.toMatch(/零零|零[万元角十百千]|^零|^一十/)
      }),
      { numRuns: 500 },
    )
  })

  it('has a recording for each sound, and none that nobody plays', () => {
    const files = readdirSync(resolve(__dirname, '../../src/voice'))
    expect(files.sort()).toEqual(SOUNDS.map((sound) => `${sound}.mp3`).sort())
  })

  it('names the reward where there is one', () => {
    expect(textOf(arrivalSounds({ amountFen: 6_600, merchantRewardFen: 371 }))).toBe('收款六十六元奖励三元七角一分')
    expect(textOf(arrivalSounds({ amountFen: 900, merchantRewardFen: 0 }))).toBe('收款九元')
  })
})

describe('the queue of what is said', () => {
  const START: Sound = 'shoukuan'
  const setUp = () => {
    const played: Sound[] = []
    const ends: ((heard: boolean) => void)[] = []
    let mute = 0
    const speaker = announcer(
      (sound) => {
        played.push(sound)
        return new Promise((resolve) => ends.push(resolve))
      },
      () => mute++,
    )
    const end = async (heard = true) => {
      ends.shift()!(heard)
      await Promise.resolve()
      await Promise.resolve()
    }
    return { speaker, played, end, mutes: () => mute }
  }

  it('plays one sound at a time, one arrival after the other', async () => {
    const { speaker, played, end } = setUp()
    speaker.say([START, '1'])
    speaker.say([START, '2'])
    expect(played).toEqual([START])
    for (let i = 0; i < 4; i++) await end()
    expect(played).toEqual([START, '1', START, '2'])
    speaker.say(['3'])
    expect(played.at(-1)).toBe('3')
  })

  it('in a rush leaves out the oldest of those that wait', async () => {
    const { speaker, played, end } = setUp()
    for (const digit of ['0', '1', '2', '3', '4', '5', '6', '7'] as const) speaker.say([digit])
    for (let i = 0; i < 6; i++) await end()
    expect(played).toEqual(['0', '3', '4', '5', '6', '7'])
  })

  it('is told once when nothing can be heard, drops what waits, and begins anew with the next', async () => {
    const { speaker, played, end, mutes } = setUp()
    speaker.say(['1', '2'])
    speaker.say(['3'])
    await end(false)
    expect([played, mutes()]).toEqual([['1'], 1])
    speaker.say(['4'])
    await end()
    expect(played).toEqual(['1', '4'])
  })

  it('hushed, what was waiting is never said, and what is said then doesn’t come twice', async () => {
    const { speaker, played, end } = setUp()
    speaker.say(['1', '2'])
    speaker.hush()
    speaker.say(['5', '6'])
    await end()
    await end()
    await end()
    expect(played).toEqual(['1', '5', '6'])
  })
})

describe('what is news', () => {
  const at = (time: string) => Date.parse(`2026-11-20T${time}+08:00`)
  const order = (more = {}) => arrivalOf('F1', new Date(at('12:00:00')).toISOString(), more)
  const on = { on: true, night: false }
  const none = new Set<string>()

  it('from 22:00 to 7:00 is the night, in Shanghai', () => {
    const times = ['21:59:59', '22:00:00', '00:00:00', '06:59:59', '07:00:00']
    expect(times.map((time) => isNight(at(time)))).toEqual([false, true, true, true, false])
  })

  it('is said once, not when it is refunded, too old, or nobody wants it', () => {
    const noon = at('12:00:01')
    expect(isNews(order(), on, noon, none)).toBe(true)
    expect(isNews(order(), on, noon, new Set(['F1']))).toBe(false)
    expect(isNews(order({ refundedFen: 1 }), on, noon, none)).toBe(false)
    expect(isNews(order({ returnedFen: 1 }), on, noon, none)).toBe(false)
    expect(isNews(order(), { on: false, night: true }, noon, none)).toBe(false)
    expect(isNews(order(), on, at('12:02:00'), none)).toBe(true)
    expect(isNews(order(), on, at('12:02:01'), none)).toBe(false)
    const late = arrivalOf('F2', new Date(at('23:00:00')).toISOString())
    expect([on, { on: true, night: true }].map((choice) => isNews(late, choice, at('23:00:01'), none))).toEqual([
      false,
      true,
    ])
  })
})

describe('the merchant’s page', () => {
  let played: string[]
  beforeEach(() => {
    jest.useFakeTimers({ now: Date.parse('2026-11-20T04:10:00.000Z') })
    fake.reset()
    fake.params = { merchant: 'M0001' }
    FakeSocket.opened = []
    Object.assign(globalThis, { WebSocket: FakeSocket, FAPAI_SANDBOX: true })
    played = []
    jest.spyOn(host, 'play').mockImplementation(async (sound) => {
      played.push(sound)
      return true
    })
  })
  afterEach(() => {
    cleanup()
    jest.restoreAllMocks()
    jest.useRealTimers()
  })
  const pass = () => act(() => jest.advanceTimersByTimeAsync(0))
  const open = async () => {
    fake.answer = bff({
      'GET /api/merchant/summary': () => ({ data: summaryOf() }),
      'GET /api/merchant/orders': () => ({ data: { items: [] } }),
    })
    render(<MerchantPage />)
    await pass()
  }
  const press = async (name: string) => {
    fireEvent.click(screen.getByRole('button', { name }))
    await pass()
  }
  const arrives = async (orderNo: string, more = {}) => {
    const order = arrivalOf(orderNo, '2026-11-20T04:09:59.000Z', { amountFen: 6_600, merchantRewardFen: 371, ...more })
    await act(async () => FakeSocket.last.says({ type: 'order', cursor: orderNo, order }))
    await pass()
  }
  const heard = () => textOf(played.splice(0) as Sound[])

  it('says nothing before it is told to; then a test, and each arrival once, on whatever day it looks', async () => {
    await open()
    await arrives('F1')
    expect(heard()).toBe('')
    await press('打开语音播报')
    expect(heard()).toBe('收款十元五角奖励一元二角')
    await arrives('F2')
    await arrives('F2')
    expect(heard()).toBe('收款六十六元奖励三元七角一分')
    await press('昨天')
    await arrives('F3', { merchantRewardFen: 0 })
    expect(heard()).toBe('收款六十六元')
    await press('关闭语音播报')
    await arrives('F4')
    expect(heard()).toBe('')
  })

  it('keeps the choice on this device, is silent at night unless told otherwise, and says so', async () => {
    fake.storage.set('fapai.voice', { on: true, night: false })
    jest.setSystemTime(Date.parse('2026-11-20T15:00:00.000Z'))
    await open()
    const note = () => document.querySelector('.voice__note')?.textContent
    expect(note()).toBe('夜里不播报，早上 7 点恢复')
    await arrives('F1', { paidAt: '2026-11-20T14:59:59.000Z' })
    expect(heard()).toBe('')
    await press('夜里也播报')
    expect(note()).toBe('请停在这个页面，不要锁屏')
    await arrives('F2', { paidAt: '2026-11-20T14:59:59.000Z' })
    expect(heard()).toBe('收款六十六元奖励三元七角一分')
    expect(fake.storage.get('fapai.voice')).toEqual({ on: true, night: true })
  })

  it('says that nothing can be heard, until the person taps', async () => {
    fake.storage.set('fapai.voice', { on: true, night: false })
    await open()
    jest.spyOn(host, 'play').mockResolvedValueOnce(false)
    await arrives('F1')
    const note = () => document.querySelector('.voice__note')?.textContent
    expect(note()).toBe('现在放不出声音，点“试听”打开')
    await press('试听')
    expect(note()).toBe('请停在这个页面，不要锁屏')
    expect(heard()).toBe('收款十元五角奖励一元二角')
  })
})
