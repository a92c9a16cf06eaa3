import { businessDate, endOfBusinessDate } from '../server/domain/business-date'

/** No test file takes as long, however busy the machine. */
const CLEAR_MS = 5 * 60_000

/** The business date all through a test file: one that would see midnight waits for it first. */
export const TODAY = clearOfMidnight()

function clearOfMidnight(): string {
  const leftMs = endOfBusinessDate(businessDate(Date.now())) - Date.now()
  if (leftMs < CLEAR_MS) {
    console.warn(`waiting ${Math.ceil(leftMs / 1_000)} s for midnight in Shanghai, so that it falls into no test`)
    // a module's own code can't await
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, leftMs + 1_000)
  }
  return businessDate(Date.now())
}
