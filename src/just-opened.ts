/** For as long as the page's program runs. */
let orderNo: string | undefined

/**
 * The order that the payer's own tap has opened a moment ago: they are handed on to its wallet without another. A page that is opened anew,
 * by going back from a wallet's page for instance, remembers none, so that nobody is sent there again by itself.
 */
export const justOpened = {
  note(opened: string): void {
    orderNo = opened
  },
  /** Whether it is this one; true only once. */
  take(asked: string): boolean {
    const is = orderNo === asked
    if (is) orderNo = undefined
    return is
  },
}
