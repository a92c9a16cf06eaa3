import { type Attack, crowd, pick } from '../attack'
import { sender } from '../http'

/** As many connections of each process as kept everybody out once, and some. */
const CONNECTIONS = 16
/** Each of them is told apart by its hash alone, which costs the house a tenth of a second. */
const GUESSES = ['password', 'sandbox-password1', '12345678901', 'administrator']

/** Invented names, and wrong passwords for the administrators, from few addresses. */
export const logIns: Attack = {
  name: 'log-ins',
  what: `${2 * CONNECTIONS} connections with invented names, and wrong passwords for the administrators`,
  async run(front) {
    const send = sender(front, CONNECTIONS)
    await crowd(front, CONNECTIONS, async (nth) => {
      const invented = `operator-${Math.floor(front.random() * 1e6)}`
      const username = nth % 4 === 0 ? pick(front, ['admin', 'admin2']) : invented
      await send('POST', '/admin/session', { body: { username, password: pick(front, GUESSES) }, from: nth % 3 })
    })
  },
}
