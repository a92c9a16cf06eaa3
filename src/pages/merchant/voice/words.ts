/** What is said of money, as sounds: each is a recording of its name in src/voice. */

export const SOUNDS = [
  ...['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
  ...['shi', 'bai', 'qian', 'wan', 'yuan', 'jiao', 'fen', 'shoukuan', 'jiangli'],
] as const
export type Sound = (typeof SOUNDS)[number]

const PLACES = ['qian', 'bai', 'shi', ''] as const

/** Below 10,000: each digit with its place, one 零 for the noughts between, none for those at the end. */
function belowWan(value: number): string[] {
  const digits = String(value).padStart(4, '0')
  const said: string[] = []
  let gap = false
  PLACES.forEach((place, at) => {
    const digit = digits[at]!
    if (digit === '0') {
      gap = said.length > 0
      return
    }
    if (gap) said.push('0')
    gap = false
    said.push(digit, ...(place ? [place] : []))
  })
  return said
}

/** A whole number up to 99,999,999: 1010 → 一千零一十, 100500 → 十万零五百. */
function whole(value: number): string[] {
  const [high, low] = [Math.floor(value / 10_000), value % 10_000]
  const said = high > 0 ? [...belowWan(high), 'wan'] : []
  if (low > 0) said.push(...(high > 0 && low < 1_000 ? ['0'] : []), ...belowWan(low))
  // 十二 and not 一十二 where a number begins with it
  return said[0] === '1' && said[1] === 'shi' ? said.slice(1) : said
}

/** `101005` fen → 一千零一十元零五分; whole yuan, 角 and 分 only where there are any. */
export function moneySounds(fen: number): Sound[] {
  const [yuan, jiao, rest] = [Math.floor(fen / 100), Math.floor(fen / 10) % 10, fen % 10]
  const said = yuan > 0 ? [...whole(yuan), 'yuan'] : []
  if (jiao > 0) said.push(String(jiao), 'jiao')
  if (rest > 0) said.push(...(yuan > 0 && jiao === 0 ? ['0'] : []), String(rest), 'fen')
  return (said.length > 0 ? said : ['0', 'yuan']) as Sound[]
}

/** 收款…元, and 奖励…元 where there is one. */
export function arrivalSounds({
  amountFen,
  merchantRewardFen,
}: {
  amountFen: number
  merchantRewardFen: number
}): Sound[] {
  const reward = merchantRewardFen > 0 ? (['jiangli', ...moneySounds(merchantRewardFen)] as const) : []
  return ['shoukuan', ...moneySounds(amountFen), ...reward]
}
