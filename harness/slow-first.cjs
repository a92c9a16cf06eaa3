const { default: Sequencer } = require('@jest/test-sequencer')

/**
 * What takes a minute by itself begins first, or the other worker waits for it at the end; a fresh clone has no times of its own. The
 * model of orders before all: it makes so much that in a worker with a hundred files behind it it took four times as long.
 */
const SLOW = [/orders-model/, /e2e\/chaos/, /e2e\/console-desk/, /e2e\/start/, /crash-points/, /reconcile\/reconcile/]

module.exports = class extends Sequencer {
  sort(tests) {
    const turn = ({ path }) => SLOW.findIndex((slow) => slow.test(path)) + 1 || SLOW.length + 1
    return [...super.sort(tests)].sort((a, b) => turn(a) - turn(b))
  }
}
