import type { OrderList, OrderView } from '@contract'
import { useDidShow } from '@tarojs/taro'
import { useCallback, useEffect, useRef, useState } from 'react'
import { type ApiError, api } from '../../api'
import { host } from '../../platform/host'
import { faultOf } from '../../sentences'
import { useGoingOn } from '../../use-going-on'

export interface OwnOrders {
  /** newest first; null before the first answer */
  orders: OrderView[] | null
  nextCursor: string | undefined
  /** those of dates before it are archived; known once the list has been read to its end */
  archivedBefore?: string | undefined
  /** of the last question; what was read before stays */
  error: ApiError | null
  busy: boolean
}

/** The payer's own orders, a page at a time; the newest are read again whenever the page comes back into sight. */
export function useOrders() {
  const [own, setOwn] = useState<OwnOrders>({
    orders: null,
    nextCursor: undefined,
    error: null,
    busy: true,
  })
  const asking = useRef(false)
  const alive = useRef(true)

  const read = useCallback(async (cursor?: string) => {
    if (asking.current) return
    asking.current = true
    setOwn((was) => ({ ...was, busy: true }))
    const next = await api.ownOrders(cursor).then(
      ({ items, nextCursor, archivedBefore }) => ({ items, nextCursor, archivedBefore, error: null }),
      (error) => ({ error: faultOf(error) }),
    )
    asking.current = false
    if (alive.current) setOwn((was) => grown(was, next, cursor === undefined))
  }, [])

  useEffect(() => {
    alive.current = true
    void read()
    const stop = host.onReturn(() => void read())
    return () => {
      alive.current = false
      stop()
    }
  }, [read])
  useDidShow(() => void read())

  const readAgain = useCallback(() => void read(), [read])
  useGoingOn(own.orders ? null : own.error, readAgain)
  const more = () => void (own.nextCursor && read(own.nextCursor))
  return { ...own, more, readAgain }
}

type Next = { error: ApiError } | ({ error: null } & Pick<OrderList, 'items' | 'nextCursor' | 'archivedBefore'>)

/** With an answer: the first page is laid over what was known of it, a later one below. */
function grown(was: OwnOrders, next: Next, first: boolean): OwnOrders {
  if (next.error !== null) return { ...was, error: next.error, busy: false }
  const known = was.orders ?? []
  const fresh = new Set(next.items.map(({ orderNo }) => orderNo))
  const others = known.filter(({ orderNo }) => !fresh.has(orderNo))
  const meets = others.length < known.length
  // after so many new ones that the two don't meet, what lies between would be missing
  const orders = first ? [...next.items, ...(meets ? others : [])] : [...others, ...next.items]
  const nextCursor = first && meets && others.length > 0 ? was.nextCursor : next.nextCursor
  const archivedBefore = nextCursor === undefined ? (next.archivedBefore ?? was.archivedBefore) : undefined
  return { orders, nextCursor, archivedBefore, error: null, busy: false }
}
