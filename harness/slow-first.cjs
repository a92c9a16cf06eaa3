const { default: Sequencer } = require('@jest/test-sequencer')

/**
 * What takes a minute by itself begins first, or the other workers wait for it at the end; a fresh clone has no times of its own. The
 * model of orders before all: it makes so much that in a worker with a hundred files behind it it took four times as long.
 */
const SLOW = [
  /orders-model/,
  /sql\/audit\/audit/,
  /http\/hostile/,
  /crash-points/,
  /http\/outage/,
  /http\/clocks/,
  /payment\/alipay/,
  /payment\/unknown/,
  /\/http\//,
  /store\/sql\//,
]
const WHOLE = [/e2e\/siege/, /e2e\/chaos/, /e2e\/console/, /e2e\/start/, /e2e\/h5/]
/** So many others for each test of the whole: those start servers and browsers, and wait for them, so that no two should for long. */
const OTHERS = 2

module.exports = class extends Sequencer {
  sort(tests) {
    const first = (patterns, some) => {
      const turn = ({ path }) => patterns.findIndex((one) => one.test(path)) + 1 || patterns.length + 1
      return some.sort((a, b) => turn(a) - turn(b))
    }
    const sorted = super.sort(tests)
    const isWhole = ({ path }) => path.includes('/e2e/')
    const whole = first(WHOLE, sorted.filter(isWhole))
    const others = first(
      SLOW,
      sorted.filter((test) => !isWhole(test)),
    )
    return others.flatMap((test, i) => (i % OTHERS === 0 ? [test, ...whole.splice(0, 1)] : [test])).concat(whole)
  }
}
