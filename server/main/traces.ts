import type { Config } from '../config'
import type { Random } from '../flow/ports'
import { openTraces } from '../sight/otlp'
import { versionOf } from './build'

/** Traces, where a collector is named: main's part that begins them. Undefined: they are off. */
export function tracesOf(
  { collector }: Pick<Config, 'collector'>,
  random: Random,
): { stop(): Promise<void> } | undefined {
  if (!collector) return undefined
  return openTraces(collector, versionOf(), () => Buffer.from(random(4)).readUInt32BE() / 2 ** 32)
}
