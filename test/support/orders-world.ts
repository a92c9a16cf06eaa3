import type { Scheduler } from 'fast-check'
import type { Campaign } from '../../server/domain/campaign'
import { CHANNELS, type ChannelName } from '../../server/domain/channel'
import type { Channel, Channels, Clock, RefundChannel } from '../../server/flow/ports'
import { ChannelUnavailable, LedgerUnavailable } from '../../server/flow/ports'
import { alipayCounterpart } from './alipay-counterpart'
import { askingCounterpart, bankCounterpart, type Counterpart } from './counterpart'
import type { FakeChannel } from './fake-channel'
import { CAMPAIGN, type Flow, NOON, startFlow } from './flow'
import { unionPayCounterpart } from './unionpay-counterpart'
import { wechatpayCounterpart } from './wechatpay-counterpart'

/**
 * The flow on its fakes as two processes of the BFF run it, one step at a time: whoever wants something of the ledger, the slots or
 * the channel waits at a gate, and the scheduler says who is next. A process that dies gets no further than its next gate.
 */

/** Every channel there is; the bank in both of its ways. */
export type ChannelKind = ChannelName | 'bank that asks'
const COUNTERPARTS: Record<ChannelKind, (bank: FakeChannel, clock: Clock) => Counterpart> = {
  bank: bankCounterpart,
  'bank that asks': askingCounterpart,
  wechatpay: (_, clock) => wechatpayCounterpart(clock),
  alipay: (_, clock) => alipayCounterpart(clock),
  unionpay: (_, clock) => unionPayCounterpart(clock),
}
export const CHANNEL_KINDS = Object.keys(COUNTERPARTS) as ChannelKind[]

/** Writes of the ledger that can be made to fail. */
export const HICCUPS = [
  ...(['openOrder', 'endOrder', 'noteReply', 'slotReturned'] as const),
  ...(['openRefund', 'endRefund', 'noteRefundReply'] as const),
] as const
export type Hiccup = (typeof HICCUPS)[number]

const LEDGER_GATES = [
  'deck',
  'commitDeck',
  'usedSlots',
  'orderByKey',
  'order',
  'claimDue',
  'claimReturns',
  'refund',
  'claimDueRefunds',
  ...HICCUPS,
] as const
const SLOT_GATES = ['take', 'confirm', 'release', 'load'] as const
const CHANNEL_GATES = ['pay', 'confirm', 'resend', 'query', 'close'] as const
const REFUND_GATES = ['refund', 'queryRefund'] as const

export const SLOTS = 3
const RULE = { ...CAMPAIGN.rule, slots: SLOTS, payerPercent: 37 }

class Died extends Error {
  override name = 'Died'
}

export type Deps = Flow['deps']
interface Process {
  alive: boolean
  deps: Deps
}

/** Of the queue of microtasks. Too few, and somebody isn't at their gate yet when the next is let through: another order of things. */
const TURNS = 6
/** Resolved: a gate waits for its turn and for nothing else. */
const READY = Promise.resolve()

/** By the budget, so that a seed says all: a bound for each day with some, hours with others. */
export const boundsOf = (budgetFen: number): Pick<Campaign, 'dailyBudgetFen' | 'windows'> => ({
  dailyBudgetFen: budgetFen % 3 === 1 ? Math.ceil(budgetFen / 2) : null,
  windows: budgetFen % 5 === 2 ? [{ weekdays: [1, 2, 3, 4, 5, 6, 7], from: '10:00', to: '22:00' }] : [],
})

export class World {
  readonly flow: Flow
  readonly counterpart: Counterpart
  /** what fails the next time, before it took effect or after */
  readonly hiccups = new Map<Hiccup, 'before' | 'after'>()
  /** what went wrong in a way that nobody planned */
  readonly failures: unknown[] = []
  /**
   * Slots that a process confirmed and then died before it looked what had become of the order: one that was closed meanwhile
   * leaves its slot used until the deck is loaded again.
   */
  orphans = 0
  private readonly processes: Process[]
  private readonly running = new Set<Promise<unknown>>()

  constructor(
    private readonly kind: ChannelKind,
    budgetFen: number,
    private readonly scheduler: Scheduler,
  ) {
    let counterpart: Counterpart | undefined
    const clock = { now: (): number => this.flow?.clock.at ?? NOON }
    this.flow = startFlow({
      campaign: { rule: RULE, budgetFen, channels: CHANNELS, ...boundsOf(budgetFen) },
      limits: { dailyPerPayerFen: 1e9 },
      wrap: (bank) => {
        counterpart = COUNTERPARTS[kind](bank, clock)
        return counterpart.channel
      },
    })
    this.counterpart = counterpart!
    this.failOnHiccups()
    this.processes = [this.newProcess(), this.newProcess()]
  }

  /** Before anything: where they are to be asked, payers have signed. */
  async open(payers: readonly string[]): Promise<void> {
    const { channel, deps, clock } = this.flow
    if (this.kind !== 'bank that asks') return
    for (const payerId of payers) {
      const agreement = await channel.agreements.easy!(payerId)
      await channel.agreements.endSmall(agreement.agreementId)
      await deps.agreements.keep(payerId, { ...agreement, small: null }, clock.at)
    }
    channel.easy = false
  }

  /** Begins some work in a process, and goes on without it. A ledger that fails and a process that dies are part of life. */
  start(at: number, work: (deps: Deps) => Promise<unknown>): void {
    const process = this.processes[at]!
    const { slots } = process.deps
    let confirmed = 0
    const confirm: typeof slots.confirm = async (...args) => {
      const result = await slots.confirm(...args)
      confirmed++
      return result
    }
    const running = work({ ...process.deps, slots: Object.assign(Object.create(slots), { confirm }) })
      .catch((error: unknown) => {
        if (!isPlanned(error)) this.failures.push(error)
      })
      .finally(() => {
        if (!process.alive) this.orphans += confirmed
        this.running.delete(running)
      })
    this.running.add(running)
  }

  /** The process dies with all that it is at, and another takes its place. */
  crash(process: number): void {
    this.processes[process]!.alive = false
    this.processes[process] = this.newProcess()
  }

  /** Opens so many gates, one after the other, each the scheduler's choice. */
  async go(gates: number): Promise<void> {
    for (let left = gates; left > 0 && this.running.size > 0; left--) {
      // Whoever is let through gets to its next gate, if there is one, within so many turns.
      for (let turn = 0; turn < TURNS; turn++) await READY
      if (this.scheduler.count() > 0) await this.scheduler.waitOne()
    }
  }

  /** Everything that was begun comes to its end. */
  async quiet(): Promise<void> {
    while (this.running.size > 0) await this.go(100)
  }

  private newProcess(): Process {
    const { deps } = this.flow
    const process: Process = { alive: true, deps }
    const ledger = this.gated(process, deps.ledger, LEDGER_GATES)
    const channel = deps.channels.get(this.counterpart.channel.name)!
    const verbs = CHANNEL_GATES.filter((verb) => channel[verb])
    const gated = this.gated(process, channel, verbs, 'and back') as Channel & { refunds: RefundChannel }
    gated.refunds = this.gated(process, channel.refunds!, REFUND_GATES, 'and back')
    process.deps = {
      ...deps,
      ledger,
      refunds: ledger,
      slots: this.gated(process, deps.slots, SLOT_GATES),
      channels: new Map([[channel.name, gated]]) as Channels,
      // A dead process does nothing that isn't behind a gate, but it must not be heard either.
      onAlarm: (alarm) => (process.alive ? deps.onAlarm(alarm) : undefined),
    }
    return process
  }

  /** `and back`: the answer is on its way for a while as well. */
  private gated<T extends object>(
    process: Process,
    port: T,
    verbs: readonly (keyof T & string)[],
    way?: 'and back',
  ): T {
    const copy = Object.create(port) as Record<string, unknown>
    for (const verb of verbs) {
      const pass = async (label: string) => {
        await this.scheduler.schedule(READY, label)
        if (!process.alive) throw new Died(label)
      }
      copy[verb] = async (...args: unknown[]) => {
        await pass(verb)
        const result = await (port[verb] as (...args: unknown[]) => Promise<unknown>)(...args)
        if (way) await pass(`${verb} answers`)
        return result
      }
    }
    return copy as T
  }

  private failOnHiccups(): void {
    const ledger = this.flow.ledger as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>
    for (const verb of HICCUPS) {
      const real = ledger[verb]!
      ledger[verb] = async (...args) => {
        const when = this.hiccups.get(verb)
        this.hiccups.delete(verb)
        if (when === 'before') throw new LedgerUnavailable('a hiccup')
        const result = await real(...args)
        if (when === 'after') throw new LedgerUnavailable('a hiccup')
        return result
      }
    }
  }
}

function isPlanned(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.every(isPlanned)
  return [LedgerUnavailable, ChannelUnavailable, Died].some((planned) => error instanceof planned)
}
