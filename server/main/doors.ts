import type { Config } from '../config'
import { networkOf } from '../domain/ip'
import { createApp } from '../http/app'
import { holderBehind } from '../http/caller'
import type { HttpDeps } from '../http/deps'
import { type Line, type LineOptions, line, NO_LINE } from '../http/line'
import { serveLive } from '../http/live'
import { refusedConnections, watchLine } from '../http/metrics'
import { createOperations } from '../http/operations'
import { loopBusy, pace } from '../http/pace'
import { refuseUnreadable } from '../http/refuse'
import { serve } from '../serve'
import type { Why } from '../serve/crowd'
import { monotonic } from '../store/ledger-clock'

/** The two ports that a BFF listens on: main's part that opens them. */

/** So many new connections are taken each time round the event loop: whom a flood's keep waiting waits a sixteenth of it. */
const NEW_AT_ONCE = 16

/** Monitoring asks a few times a minute. */
const LOOKING: LineOptions['lanes'] = [
  { aboveASecond: 0, atOnce: 4, gapMs: 0 },
  { aboveASecond: 5, atOnce: 1, gapMs: 250 },
]

/** Where people come in. Whatever comes passes a line for who floods, and what there is room for. @throws when it can't listen */
export async function openDoor(config: Config, deps: HttpDeps) {
  const floods = standing(config, deps)
  watchLine(() => floods.figures().waiting)
  const crowd = {
    ...config.sockets,
    holderOf: holderBehind(config.trustedProxies),
    networkOf,
    onRefused: (why: Why) => refusedConnections.inc({ why }),
  }
  const listener = floods.stand(createApp(deps).callback(), deps.load.admit)
  const atOnce = config.rateLimits ? NEW_AT_ONCE : 1
  const { server, port, drain, stop } = await serve(listener, config.port, config.host, crowd, atOnce)
  refuseUnreadable(server)
  return { port, drain, stop, serveLive: () => serveLive(server, deps, {}, floods) }
}

/** For monitoring. Null: it asks on the payers' port. @throws when it can't listen */
export async function openOperations(config: Config, deps: HttpDeps) {
  const { operations } = config
  if (!operations) return null
  const { stand } = standing(config, deps, LOOKING)
  const { server, port, stop } = await serve(stand(createOperations(deps).callback()), operations.port, operations.host)
  refuseUnreadable(server)
  return { url: urlAt(operations.host, port), stop: () => stop(0) }
}

function standing({ rateLimits }: Config, { callerOf }: HttpDeps, lanes?: LineOptions['lanes']): Line {
  if (!rateLimits) return NO_LINE
  const { now } = monotonic
  return line({
    ...{ now, holderOf: (request) => callerOf(request).address, pace: pace(loopBusy(), now) },
    ...(lanes && { lanes }),
  })
}

/** As a browser takes it, whose address of IPv6 stands in brackets. */
export const urlAt = (host: string, port: number) => `http://${host.includes(':') ? `[${host}]` : host}:${port}`
