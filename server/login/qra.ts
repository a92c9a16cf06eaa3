import { createSign, createVerify, type KeyObject } from 'node:crypto'
import type { Random } from '../flow/ports'

/**
 * UnionPay's front end for codes (条码前置, QRA), asked in flat XML with RSA signatures both ways (`RSA_1_256`). Source: docs/decisions/0044.
 */

export interface QraOptions {
  /** https://qra.95516.com/pay/gateway */
  url: string
  mchId: string
  /** ours and UnionPay's, RSA */
  privateKey: KeyObject
  unionPayKey: KeyObject
  timeoutMs: number
  random: Random
}

/** What it said, if it did: only what it signed is its word. */
export type QraAnswer =
  | { kind: 'answered'; value: Record<string, string> }
  | { kind: 'refused'; code: string }
  | { kind: 'nothing'; reason: string }

/** Asks once; never throws for what the network or the other side does. */
export async function askQra(options: QraOptions, service: string, given: Record<string, string>): Promise<QraAnswer> {
  const { url, mchId, privateKey, timeoutMs, random } = options
  const all: Record<string, string> = {
    service,
    version: '2.0',
    charset: 'UTF-8',
    sign_type: 'RSA_1_256',
    mch_id: mchId,
    nonce_str: Buffer.from(random(16)).toString('hex'),
    ...given,
  }
  const sign = createSign('RSA-SHA256').update(signedText(all)).sign(privateKey, 'base64')
  try {
    const reply = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'text/xml; charset=UTF-8' },
      body: xmlOf({ ...all, sign }),
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    })
    return reply.status === 200
      ? answerOf(await reply.text(), options)
      : { kind: 'nothing', reason: `status ${reply.status}` }
  } catch {
    // An error of fetch may hold what was sent.
    return { kind: 'nothing', reason: 'no answer' }
  }
}

/** Done is `status` 0 and `result_code` 0; whatever else it signed is a refusal. */
function answerOf(text: string, { mchId, unionPayKey }: QraOptions): QraAnswer {
  const value = membersOf(text)
  if (!value) return { kind: 'nothing', reason: 'an answer that is none' }
  const signature = Buffer.from(value.sign ?? '', 'base64')
  if (!createVerify('RSA-SHA256').update(signedText(value)).verify(unionPayKey, signature))
    return { kind: 'nothing', reason: 'an answer that UnionPay did not sign' }
  if (value.mch_id !== mchId) return { kind: 'nothing', reason: 'an answer for another' }
  const done = value.status === '0' && value.result_code === '0'
  return done ? { kind: 'answered', value } : { kind: 'refused', code: value.err_code || value.status || 'none' }
}

/** Sorted by name, without what is empty. */
export function signedText(params: Record<string, string>): string {
  const names = Object.keys(params).filter((name) => name !== 'sign' && params[name] !== '')
  return names
    .sort()
    .map((name) => `${name}=${params[name]}`)
    .join('&')
}

/** Whatever is given is text inside it: what ends a section is split over two. */
function xmlOf(params: Record<string, string>): string {
  const cell = ([name, value]: [string, string]) =>
    `<${name}><![CDATA[${value.replaceAll(']]>', ']]]]><![CDATA[>')}]]></${name}>`
  return `<xml>${Object.entries(params).map(cell).join('')}</xml>`
}

const MEMBER = /\s*<(\w{1,64})>(?:<!\[CDATA\[([^\]]*)\]\]>|([^<&\]]*))<\/\1>\s*/y

/** Of one level, and nothing else of XML: no attributes, no entities, no second member of a name. Undefined: it is otherwise. */
export function membersOf(text: string): Record<string, string> | undefined {
  const inner = /^\s*(?:<\?xml[^>]{0,100}\?>\s*)?<xml>([\s\S]*)<\/xml>\s*$/.exec(text)?.[1]
  if (inner === undefined || inner.length > 65_536) return undefined
  const members: Record<string, string> = Object.create(null)
  MEMBER.lastIndex = 0
  while (MEMBER.lastIndex < inner.length) {
    const [, name, section, plain] = MEMBER.exec(inner) ?? []
    if (name === undefined || name in members) return undefined
    members[name] = section ?? plain ?? ''
  }
  return members
}
