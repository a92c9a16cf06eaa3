import { type Attack, crowd, pick } from '../attack'
import { sender } from '../http'

const PATHS = ['/readyz', '/metrics', '/healthz']
const CONNECTIONS = 32

/** Who shouldn't reach the operations' port asks on the payers', and who does is many. */
export const probes: Attack = {
  name: 'probes',
  what: `/readyz and /metrics from ${2 * 2 * CONNECTIONS} connections, on the payers’ port and on the operations’`,
  async run(front) {
    const doors = [sender(front, CONNECTIONS), sender(front, CONNECTIONS, front.operations)]
    await crowd(front, 2 * CONNECTIONS, async (nth) => {
      await doors[nth % 2]!('GET', pick(front, PATHS), { from: nth % 8 })
    })
  },
}
