/** What a page was opened with. Taro adds keys of its own to it, so only what is asked for is ever read. */
export type PageParams = Partial<Record<string, string>>

const CODE = /^[A-Za-z0-9_-]{1,32}$/

/**
 * The merchant a pay page was opened for:
 * - `merchant=M0001`, a link of ours;
 * - `q`, the encoded link of the counter's QR (扫普通链接二维码打开小程序): `https%3A%2F%2Fhost%2Fq%2FM0001`, by some clients
 *   encoded twice;
 * - `scene`, of a mini-program code, encoded: `M0001` or `m=M0001`.
 * Undefined when none of them names one.
 */
export function merchantOf(params: PageParams): string | undefined {
  const named = [
    params.merchant,
    /\/q\/([^/?#]+)/.exec(decoded(decoded(params.q)))?.[1],
    /^(?:m=)?([^&=]+)/.exec(decoded(decoded(params.scene)))?.[1],
  ]
  return named.find((code) => code !== undefined && CODE.test(code))
}

function decoded(value: string | undefined): string {
  try {
    return decodeURIComponent(value ?? '')
  } catch {
    return ''
  }
}
