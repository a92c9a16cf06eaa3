import type { MerchantOrderList, MerchantOrderView, MerchantSummaryView } from '@contract'
import { useCallback, useEffect, useRef, useState } from 'react'
import { type ApiError, type Reader, serverNow } from '../../api'
import { dateOf } from '../../dates'
import { host } from '../../platform/host'
import { faultOf } from '../../sentences'
import { shop } from '../../shop'
import { useGoingOn } from '../../use-going-on'
import { followLive, type LiveState } from './live-feed'

export interface Day {
  summary: MerchantSummaryView | null
  orders: MerchantOrderView[]
  nextCursor: string | undefined
  /** orders of dates before it are archived: those that are listed may be few of the day's */
  archivedBefore?: string | undefined
  error: ApiError | null
  loadingMore: boolean
  /** the order that arrived last, while the page was open */
  arrived: MerchantOrderView | null
}

const EMPTY: Day = {
  summary: null,
  orders: [],
  nextCursor: undefined,
  error: null,
  loadingMore: false,
  arrived: null,
}

/** How often the page looks for itself while nobody tells it. */
const LOOK_MS = 10_000
/** Orders arriving in a rush share one reading of the summary. */
const SUMMARY_PAUSE_MS = 300

/** One business date of a merchant, kept up to date while it is today's; what arrives is told whatever day is looked at. */
export function useDay(reader: Reader, date: string, onArrived: (order: MerchantOrderView) => void) {
  const [day, setDay] = useState<Day>(EMPTY)
  /** the newest date asked for; what comes back for another one is dropped */
  const wanted = useRef(date)

  const refresh = useCallback(async () => {
    try {
      const [summary, page] = await Promise.all([shop.summary(reader, date), shop.orders(reader, date)])
      if (wanted.current !== date) return
      setDay((was) => readAnew(was, summary, page))
    } catch (error) {
      if (wanted.current === date) setDay((was) => ({ ...was, error: faultOf(error) }))
    }
  }, [reader, date])

  useEffect(() => {
    wanted.current = date
    setDay(EMPTY)
    void refresh()
  }, [date, refresh])

  const newSummary = useRef<ReturnType<typeof setTimeout>>()
  const arrive = useCallback(
    (order: MerchantOrderView) => {
      onArrived(order)
      if (!order.returnedFen && !isOf(order, date)) return
      setDay((was) => told(was, order, date))
      clearTimeout(newSummary.current)
      newSummary.current = setTimeout(async () => {
        const summary = await shop.summary(reader, date).catch(() => null)
        if (summary && wanted.current === date) setDay((was) => ({ ...was, summary }))
      }, SUMMARY_PAUSE_MS)
    },
    [reader, date, onArrived],
  )

  useGoingOn(day.error, refresh)
  // What was in sight may be old by now, or nobody's to see any more.
  useEffect(() => host.onReturn(() => void refresh()), [refresh])
  const isToday = date === dateOf(serverNow())
  useEffect(() => () => clearTimeout(newSummary.current), [])
  const live = useLive(reader, arrive, refresh)
  useLooking(isToday && (live === 'down' || day.error !== null), isToday && live === 'down', refresh)

  const more = async () => {
    const cursor = day.nextCursor
    if (!cursor || day.loadingMore) return
    setDay((was) => ({ ...was, loadingMore: true }))
    try {
      const { items, nextCursor, archivedBefore } = await shop.orders(reader, date, cursor)
      if (wanted.current !== date) return
      const more = { nextCursor, archivedBefore, loadingMore: false }
      setDay((was) => ({ ...was, ...more, orders: merged(was.orders, items) }))
    } catch {
      if (wanted.current === date) setDay((was) => ({ ...was, loadingMore: false }))
    }
  }

  return { day, live: isToday ? live : null, refresh, more }
}

/** Hears of orders as they arrive; what was missed meanwhile is read when the feed is there again. */
function useLive(reader: Reader, onOrder: (order: MerchantOrderView) => void, refresh: () => void) {
  const [live, setLive] = useState<LiveState>('connecting')
  // Another day to look at is no other feed.
  const now = useRef({ onOrder, refresh })
  now.current = { onOrder, refresh }
  useEffect(() => {
    const look = () => now.current.refresh()
    const onOrder = (order: MerchantOrderView) => now.current.onOrder(order)
    return followLive(reader, { onState: setLive, onOrder, onReady: look, onShut: look })
  }, [reader])
  return live
}

/** Looks at once when the feed goes down, and by itself for as long as nobody tells. */
function useLooking(blind: boolean, down: boolean, refresh: () => Promise<void>) {
  useEffect(() => {
    if (!blind) return
    const timer = setInterval(() => host.visible() && void refresh(), LOOK_MS)
    return () => clearInterval(timer)
  }, [blind, refresh])
  useEffect(() => {
    if (down) void refresh()
  }, [down, refresh])
}

/** The first page is laid over what was known of the day. */
function readAnew(was: Day, summary: MerchantSummaryView, page: MerchantOrderList): Day {
  const orders = merged(page.items, was.orders)
  const keepsMore = orders.length > page.items.length && was.summary !== null
  const { nextCursor, archivedBefore } = keepsMore ? was : page
  return { ...was, summary, error: null, orders, nextCursor, archivedBefore }
}

/** By its number, as the totals count it: one that is paid after midnight is of the day on which it was opened. */
const isOf = ({ orderNo }: MerchantOrderView, date: string) => orderNo.startsWith(`F${date.replace(/-/g, '')}-`)

/** An order comes again when it is refunded, or its reward taken back: that is no arrival, and another day's order changes the totals only. */
function told(was: Day, order: MerchantOrderView, date: string): Day {
  const orders = isOf(order, date) ? merged([order], was.orders) : was.orders
  return { ...was, orders, arrived: order.returnedFen ? was.arrived : order }
}

/** Both lists, newest first, each order once. */
function merged(first: MerchantOrderView[], second: MerchantOrderView[]): MerchantOrderView[] {
  const known = new Set(first.map(({ orderNo }) => orderNo))
  const all = [...first, ...second.filter(({ orderNo }) => !known.has(orderNo))]
  return all.sort((a, b) => (a.paidAt < b.paidAt ? 1 : a.paidAt > b.paidAt ? -1 : 0))
}
