import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** The composition of deploy/, as far as tests look at it. */

const { load } = require('js-yaml') as { load(text: string): unknown }

export const DEPLOY = resolve(__dirname, '../../deploy')

interface Service {
  image?: string
  command?: string[]
  environment?: Record<string, string>
  secrets?: string[]
  networks?: string[] | Record<string, { ipv4_address?: string }>
  volumes?: string[]
  depends_on?: Record<string, unknown> | string[]
  restart?: string
  logging?: { driver: string; options: Record<string, string> }
}

interface Compose {
  services: Record<string, Service>
  secrets: Record<string, { file: string }>
  volumes: Record<string, unknown>
  networks: Record<string, { ipam: { config: { subnet: string; ip_range: string; gateway: string }[] } }>
}

export const composition = load(readFileSync(join(DEPLOY, 'compose.yaml'), 'utf8')) as Compose
