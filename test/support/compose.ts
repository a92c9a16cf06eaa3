import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** The composition of deploy/, as far as tests look at it. */

const { load } = require('js-yaml') as { load(text: string): unknown }

export const DEPLOY = resolve(__dirname, '../../deploy')

interface Service {
  image?: string
  build?: { args?: Record<string, string> }
  profiles?: string[]
  command?: string[]
  environment?: Record<string, string>
  secrets?: string[]
  networks?: string[] | Record<string, { ipv4_address?: string; ipv6_address?: string }>
  volumes?: string[]
  depends_on?: Record<string, unknown> | string[]
  restart?: string
  logging?: { driver: string; options: Record<string, string> }
}

interface Compose {
  services: Record<string, Service>
  secrets: Record<string, { file: string }>
  volumes: Record<string, unknown>
  networks: Record<string, { enable_ipv6?: boolean; ipam: { config: Subnet[] } }>
}

interface Subnet {
  subnet: string
  ip_range: string
  gateway: string
}

const read = (file: string) => load(readFileSync(join(DEPLOY, file), 'utf8'))

export const composition = read('compose.yaml') as Compose

/** With IPv6: the second file laid over the first as Compose does, which adds a network's subnets to those that it has. */
export const withIpv6 = laidOver(composition, read('compose.ipv6.yaml')) as Compose

function laidOver(under: unknown, over: unknown): unknown {
  if (Array.isArray(under) && Array.isArray(over)) return [...under, ...over]
  if (!isMapping(under) || !isMapping(over)) return over
  const names = [...new Set([...Object.keys(under), ...Object.keys(over)])]
  return Object.fromEntries(
    names.map((name) => [name, name in over ? laidOver(under[name], over[name]) : under[name]] as const),
  )
}

function isMapping(one: unknown): one is Record<string, unknown> {
  return typeof one === 'object' && one !== null && !Array.isArray(one)
}
