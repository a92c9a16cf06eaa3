import type { OrderView } from '../../server/http/contract'
import { pause } from '../part'
import type { Rng } from '../random'
import { asked, type Till } from '../till'
import { actAtWallet } from './page'

/**
 * What a payer does whom a wallet asks: most confirm, some with the wrong password first; others cancel, fail, give up on our page, or
 * leave, and nobody hears of it. Some do two things at once.
 */
export async function atTheWallet(till: Till, person: { name: string; token: string }, draw: Rng, order: OrderView) {
  const { told, client } = till
  const at = (what: string) => told.count(`at ${order.channel}: ${what}`)
  const act = async (how: 'confirm' | 'cancel' | 'wrong-password') => {
    const said = await actAtWallet(order, person.name, how, draw)
    at(`${how}: ${said ?? 'its page was away'}`)
  }
  const giveUp = async () => {
    at('given up on our page')
    const { token } = person
    const path = `/api/orders/${order.orderNo}/close`
    await asked(till, draw, (bff) => client.call<OrderView>(bff, 'POST', path, { token }))
  }
  if (draw.chance(50)) await pause(draw.between(0, 1_500))
  const kind = draw.below(100)
  if (kind < 70) {
    if (draw.chance(10)) await act('wrong-password')
    await act('confirm')
  } else if (kind < 76) {
    await act('cancel')
    if (draw.chance(50)) await giveUp()
  } else if (kind < 82) {
    for (let tries = draw.between(1, 3); tries > 0; tries--) await act('wrong-password')
  } else if (kind < 90) at('left')
  else if (kind < 94) await giveUp()
  // A tab here and the app there: which of them was first, the wallet says.
  else if (kind < 98) await Promise.all([act('confirm'), giveUp()])
  else await Promise.all([act('confirm'), act('confirm')])
}
