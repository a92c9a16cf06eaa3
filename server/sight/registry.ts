import { Registry } from 'prom-client'

/** Prometheus metrics of this process, served at /metrics. Labels are bounded: routes by pattern, never by value. */
export const registry = new Registry()
